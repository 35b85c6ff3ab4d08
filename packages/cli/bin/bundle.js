/**
 * The bundle of the command: what it is made of, and whether it is still what the sources say. JavaScript,
 * since every start reads it; Node's modules not by `import`, which reads, and so loads, all that they have.
 */
const { readFileSync, statSync } = process.getBuiltinModule('node:fs');
const path = process.getBuiltinModule('node:path');

/** From the folder of the workspace. */
export const bundleFolder = 'packages/cli/dist';
/** What starts by itself: all commands, one that is short and often run, and one that runs on every device. */
export const entries = ['main', 'get', 'agent'];

/** The record of the last build of an entry, or undefined. */
export function readBundle(root, entry = 'main') {
  try {
    return JSON.parse(readFileSync(path.join(root, bundleFolder, recordOf(entry)), 'utf8'));
  } catch {
    return undefined; // None was built, or it is being built.
  }
}

export function recordOf(entry) {
  return `${entry}.json`;
}

/** Whether nothing that it was built from has changed since: 10 microseconds a file. */
export function isFresh(root, { inputs }) {
  for (const file in inputs) {
    const [mtimeMs, size] = stampOf(`${root}/${file}`);
    if (mtimeMs !== inputs[file][0] || size !== inputs[file][1]) return false;
  }
  return true;
}

/** What changes when a file does: its time of change, ms, and its size, bytes; zeros where there is none. */
export function stampOf(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? [0, 0] : [stat.mtimeMs, stat.size];
}
