/**
 * Starts the command: from its bundle (`npm run build`, which `npm ci` does too) when there is one of
 * just these sources, else from the sources, on a Node.js that runs TypeScript. The compile cache keeps
 * the compiled modules, which saves half of the start time. It lies in the user's own cache folder:
 * whoever can write to it can run code as the user, which rules out Node's default in /tmp.
 */
import { bundleFolder, entries, isFresh, readBundle } from './bundle.js';
import { runCode } from './code.js';

const { enableCompileCache } = process.getBuiltinModule('node:module');
const path = process.getBuiltinModule('node:path');
const { fileURLToPath } = process.getBuiltinModule('node:url');

const root = fileURLToPath(new URL('../../..', import.meta.url));
const entry = entries.includes(process.argv[2]) ? process.argv[2] : 'main';
const bundle = readBundle(root, entry);
const folder = process.env.NODE_COMPILE_CACHE || cacheFolder();
if (folder !== undefined) enableCompileCache(folder);
if (bundle !== undefined && isFresh(root, bundle)) {
  if (bundle.code === undefined) await import(`../dist/${entry}.js`);
  else runCode(path.join(root, bundleFolder), bundle.code);
} else {
  // Worker threads and child processes look here.
  if (folder !== undefined) process.env.NODE_COMPILE_CACHE = folder;
  await import('../src/main.ts');
}

function cacheFolder() {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  // The specification says to ignore a relative path there.
  if (XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME)) {
    return path.join(XDG_CACHE_HOME, 'sluice', 'compile');
  }
  let home;
  try {
    home = process.getBuiltinModule('node:os').homedir();
  } catch {
    return undefined; // A user without a home, as in some containers: start without the cache.
  }
  if (process.platform === 'win32') {
    return path.join(LOCALAPPDATA || path.join(home, 'AppData', 'Local'), 'sluice', 'compile');
  }
  if (process.platform === 'darwin')
    return path.join(home, 'Library', 'Caches', 'sluice', 'compile');
  return path.join(home, '.cache', 'sluice', 'compile');
}
