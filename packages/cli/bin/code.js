/**
 * Runs parts of the bundle with what V8 compiled of them in a run that was made for that when they were
 * built (`scripts/bundle/train.ts`): a start takes a quarter less time than with Node's own compile cache, which
 * has no function that is first called later. JavaScript, since every start reads it.
 */
const { readFileSync, renameSync, writeFileSync } = process.getBuiltinModule('node:fs');
const { createRequire } = process.getBuiltinModule('node:module');
const { pathToFileURL } = process.getBuiltinModule('node:url');
const { Script } = process.getBuiltinModule('node:vm');

/**
 * The variable that has a run keep what was compiled, for those that follow. No name of Sluice's settings: those
 * are not for the processes that a demonstration starts.
 */
export const trains = 'TRAIN_SLUICE_BUNDLE';

/** Of the file of code at `path`. */
export function compiledOf(path) {
  return `${path}.v8`;
}

/** @param folder of the bundle. @param name of the file with which it begins. */
export function runCode(folder, name) {
  const modules = new Map();
  const scripts = process.env[trains] ? keep(folder) : undefined;
  const foreign = createRequire(`${folder}/`);
  // For `import.meta.url`: what lies beside the bundle is found by the folder, and its threads by the ending.
  const url = pathToFileURL(`${folder}/code.js`).href;
  const load = (part) => {
    const known = modules.get(part);
    if (known) return known.exports;
    const module = { exports: {} };
    modules.set(part, module);
    const script = compile(`${folder}/${part}`);
    scripts?.set(part, script);
    script.runInThisContext()(require, module, module.exports, url);
    return module.exports;
  };
  const require = (id) => (id.startsWith('./') ? load(id.slice(2)) : foreign(id));
  load(name);
}

function compile(path) {
  const cachedData = read(compiledOf(path));
  const script = new Script(readFileSync(path, 'latin1'), { filename: path, cachedData });
  // V8 has taken what it needs of it. A megabyte for an agent, which else would keep it until it has work to do.
  // Not where it is small: then it lies in memory that Node shares out.
  const memory = cachedData?.buffer;
  if (memory?.byteLength === cachedData?.byteLength) memory?.transfer(0);
  return script;
}

function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined; // Nothing was kept: it is compiled as it is needed.
  }
}

/**
 * Has what is compiled of these scripts kept, by the names of their files. Those tell the content, so that what
 * is kept of one is never taken for another's: V8 itself looks at the length only.
 */
function keep(folder) {
  const scripts = new Map();
  const write = () => {
    for (const [part, script] of scripts) {
      const path = compiledOf(`${folder}/${part}`);
      writeFileSync(`${path}.${process.pid}`, script.createCachedData());
      renameSync(`${path}.${process.pid}`, path);
    }
  };
  process.on('exit', write);
  return scripts;
}
