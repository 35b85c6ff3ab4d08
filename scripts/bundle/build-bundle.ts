import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import {
  type Bundle,
  bundleFolder,
  entries,
  readBundle,
  recordOf,
  stampOf,
} from '../../packages/cli/bin/bundle.js';
import { compiledOf } from '../../packages/cli/bin/code.js';
import { buildCode, type Code } from './build-code.ts';
import { builtinModules } from './builtin-modules.ts';
import { inlineImports } from './inline-imports.ts';

const command = { main: 'packages/cli/src/main.ts' };
/**
 * Each of it alone, so that it starts with few files: to load the thirty of all commands takes longer than to run them.
 * Run by `code.js`.
 */
const alone = {
  get: { get: 'packages/cli/src/get-main.ts' },
  agent: { agent: 'packages/cli/src/agent-main.ts' },
};
/** Started by these names. Each is one file: what it loads is paid at every start of a thread. */
const threads = {
  'piece-thread': 'packages/agent/src/store/piece-thread.ts',
  'hot-thread': 'packages/connected-cache/src/hot/hot-thread.ts',
  'digest-thread': 'packages/agent/src/hashing/digest-thread.ts',
};

/** For what loads other people's packages. */
const requires =
  "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);";

/** What decides, beside the sources, what is in the bundle. */
const alsoInputs = [
  'node_modules/.package-lock.json',
  'packages/cli/bin/code.js',
  'scripts/bundle/build-bundle.ts',
  'scripts/bundle/build-code.ts',
  'scripts/bundle/builtin-modules.ts',
  'scripts/bundle/inline-imports.ts',
];

/**
 * Builds the command into few files of plain JavaScript, `packages/cli/dist`: a start takes half the time
 * that it takes from the sources. `bin/start.js` runs it as long as no source has changed since.
 * @param root the folder of the workspace.
 * @throws when the sources do not build, or change meanwhile.
 */
export async function buildBundle(root: string): Promise<void> {
  const started = Date.now();
  const folder = path.join(root, bundleFolder);
  const before = entries.flatMap((entry) => readBundle(root, entry)?.outputs ?? []);
  // Until all is in place nothing may be taken for a bundle.
  for (const entry of entries) await rm(path.join(folder, recordOf(entry)), { force: true });
  const inFiles = { ...options(root), splitting: true };
  const [main, get, agent, ofThreads] = await Promise.all([
    build({ ...inFiles, banner: { js: requires }, entryPoints: command }),
    buildCode({ ...inFiles, entryPoints: alone.get }),
    buildCode({ ...inFiles, entryPoints: alone.agent }),
    build({ ...options(root), entryPoints: threads }),
  ]);
  const all = [main.metafile, get.metafile, agent.metafile, ofThreads.metafile];
  const ofCode = ({ metafile, entry }: Code) => ({
    ...bundleOf(root, [metafile, ofThreads.metafile], started),
    code: entry,
  });
  const bundles = {
    get: ofCode(get),
    agent: ofCode(agent),
    // The last: it tells that all is built.
    main: bundleOf(root, all, started),
  };
  for (const [entry, bundle] of Object.entries(bundles)) {
    const written = path.join(folder, `.${recordOf(entry)}.${process.pid}`);
    await writeFile(written, JSON.stringify(bundle));
    await rename(written, path.join(folder, recordOf(entry)));
  }
  // A process that runs since before may still come to load a part of what it was started from.
  const kept = new Set([...bundles.main.outputs, ...before, ...entries.map(recordOf)]);
  for (const file of kept) if (file.endsWith('.cjs')) kept.add(compiledOf(file));
  const old = (await readdir(folder)).filter((name) => !kept.has(name));
  await Promise.all(old.map((name) => rm(path.join(folder, name), { force: true })));
}

/** @param started when the build began, ms. @throws when a source has changed since */
function bundleOf(root: string, metafiles: readonly Metafile[], started: number): Bundle {
  const outputs = metafiles.flatMap((m) => Object.keys(m.outputs).map((f) => path.basename(f)));
  const bundle: Bundle = { outputs, inputs: {} };
  for (const file of new Set(metafiles.flatMap(inputsOf))) {
    const stamp = stampOf(path.join(root, file));
    if (stamp[0] >= started) throw new Error(`${file} changed: build again`);
    bundle.inputs[file] = stamp;
  }
  return bundle;
}

/** Our own sources and manifests. Other people's packages change with the list of what is installed. */
function inputsOf({ inputs }: Metafile): string[] {
  const own = Object.keys(inputs).filter((file) => file.startsWith('packages/'));
  const packages = new Set(own.map((file) => file.split('/').slice(0, 2).join('/')));
  return [...own, ...[...packages].map((folder) => `${folder}/package.json`), ...alsoInputs];
}

function options(root: string): BuildOptions & { metafile: true; target: string } {
  return {
    absWorkingDir: root,
    outdir: path.join(root, bundleFolder),
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.19',
    charset: 'ascii',
    minifyWhitespace: true,
    metafile: true,
    logLevel: 'error',
    // It looks for its WebAssembly beside itself. Proxy scripts alone need it.
    external: ['quickjs-wasi'],
    plugins: [builtinModules(), inlineImports(root)],
  };
}
