import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { type Bundle, stampOf } from '../../packages/cli/bin/bundle.js';
import { consoleFolder, consoleRecord } from './console-record.ts';

const source = 'packages/console/app';

/** What decides, beside the sources, what comes out. */
const alsoInputs = [
  'node_modules/.package-lock.json',
  `${source}/index.html`,
  'scripts/console/build-console.ts',
];

/**
 * Builds the console into static files with hashed names, each beside its gzip and brotli forms, so that
 * the cloud only ever sends files.
 * @param root the folder of the workspace.
 * @throws when the sources do not build, or change meanwhile.
 */
export async function buildConsole(root: string): Promise<void> {
  const started = Date.now();
  const folder = path.join(root, consoleFolder);
  const assets = path.join(folder, 'assets');
  await mkdir(assets, { recursive: true });
  await rm(path.join(folder, consoleRecord), { force: true });
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { app: `${source}/main.tsx` },
    outdir: assets,
    entryNames: '[name]-[hash]',
    chunkNames: 'part-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    jsx: 'automatic',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  await Promise.all(outputFiles.map((file) => writePacked(file.path, file.contents)));
  const names = Object.keys(metafile.outputs).map((file) => path.basename(file));
  await writePage(root, folder, names);
  await writeRecord(root, folder, metafile, names, started);
  const kept = new Set(names.flatMap((name) => [name, `${name}.gz`, `${name}.br`]));
  const old = (await readdir(assets)).filter((name) => !kept.has(name));
  await Promise.all(old.map((name) => rm(path.join(assets, name), { force: true })));
}

async function writePacked(file: string, contents: Uint8Array): Promise<void> {
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: contents.length };
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(contents, { params }),
    promisify(gzip)(contents, { level: 9 }),
  ]);
  await Promise.all([
    writeFile(file, contents),
    writeFile(`${file}.br`, br),
    writeFile(`${file}.gz`, gz),
  ]);
}

/** Last: the page names files that are there. */
async function writePage(root: string, folder: string, names: string[]): Promise<void> {
  let page = await readFile(path.join(root, source, 'index.html'), 'utf8');
  for (const kind of ['css', 'js']) {
    const entry = names.find((name) => name.startsWith('app-') && name.endsWith(`.${kind}`));
    if (!entry) throw new Error(`the build gave no ${kind}`);
    page = page.replace(`{{${kind}}}`, entry);
  }
  await writeWhole(path.join(folder, 'index.html'), page);
}

async function writeRecord(
  root: string,
  folder: string,
  { inputs }: Metafile,
  names: string[],
  started: number,
): Promise<void> {
  const own = Object.keys(inputs).filter((file) => file.startsWith('packages/'));
  const outputs = ['index.html', ...names.map((name) => `assets/${name}`)];
  const record: Bundle = { outputs, inputs: {} };
  for (const file of [...own, ...alsoInputs]) {
    const stamp = stampOf(path.join(root, file));
    if (stamp[0] >= started) throw new Error(`${file} changed: build again`);
    record.inputs[file] = stamp;
  }
  await writeWhole(path.join(folder, consoleRecord), JSON.stringify(record));
}

async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.${process.pid}`, text);
  await rename(`${file}.${process.pid}`, file);
}
