/**
 * The bundle of the command: what it is made of, and whether it is still what the sources say. JavaScript,
 * since every start reads it.
 */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** From the folder of the workspace. */
export const bundleFolder = 'packages/cli/dist';
export const recordName = 'bundle.json';

/** The record of the last build, or undefined. */
export function readBundle(root) {
  try {
    return JSON.parse(readFileSync(path.join(root, bundleFolder, recordName), 'utf8'));
  } catch {
    return undefined; // None was built, or it is being built.
  }
}

/** Whether nothing that the bundle was built from has changed since: 400 files, 5 ms. */
export function isFresh(root, bundle) {
  for (const file in bundle.inputs) {
    if (stampOf(`${root}/${file}`) !== bundle.inputs[file]) return false;
  }
  return true;
}

/** What changes when a file does: its time of change, ms, and its size, bytes. */
export function stampOf(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.mtimeMs} ${stat.size}`;
}
