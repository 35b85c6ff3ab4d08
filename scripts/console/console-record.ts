import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Bundle } from '../../packages/cli/bin/bundle.js';

/** From the folder of the workspace. */
export const consoleFolder = 'packages/console/dist';
export const consoleRecord = 'console.json';

/** What the console was built from the last time, or undefined. */
export function readConsoleRecord(root: string): Bundle | undefined {
  try {
    return JSON.parse(readFileSync(path.join(root, consoleFolder, consoleRecord), 'utf8'));
  } catch {
    return undefined; // None was built, or it is being built.
  }
}
