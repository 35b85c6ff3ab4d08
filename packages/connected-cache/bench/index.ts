/**
 * What the index of a full cache costs: a million pieces in a hundred thousand objects, how long a
 * start takes, and how much memory (`npm run bench:index`).
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CacheStore } from '../src/store/cache-store.ts';
import type { ObjectRecord } from '../src/store/object-record.ts';
import { realStoreFiles } from '../src/store/store-files.ts';

const MiB = 1024 * 1024;
const objects = 100_000;
const piecesEach = 10;

const [mode, given] = process.argv.slice(2);
if (mode === 'start') await start(given!);
else await main();

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-index-'));
  try {
    await fill(folder);
    const index = join(folder, 'index');
    let bytes = 0;
    for (const name of await readdir(index)) bytes += (await stat(join(index, name))).size;
    console.log(`index on disk: ${(bytes / MiB).toFixed(1)} MiB`);
    for (let i = 0; i < 3; i++) {
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--expose-gc',
        import.meta.filename,
        'start',
        folder,
      ]);
      process.stdout.write(stdout);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Notes the pieces as if they had been written: the data files are not looked at before they are used. */
async function fill(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const store = await openStore(folder);
  const began = performance.now();
  for (let i = 0; i < objects; i++) {
    const object = store.add(recordOf(i));
    store.use(object);
    for (let piece = 0; piece < piecesEach; piece++) {
      store.keep(store.reserve(object, piece), piece, (i * piecesEach + piece) >>> 0);
    }
    store.unuse(object);
    if (i % 1000 === 0) await new Promise(setImmediate);
  }
  console.log(`noted ${objects * piecesEach} pieces in ${ms(began)} ms`);
  const closing = performance.now();
  await store.close();
  console.log(`last snapshot written in ${ms(closing)} ms`);
}

async function start(folder: string): Promise<void> {
  const collect = globalThis.gc ?? (() => {});
  collect();
  const before = process.memoryUsage();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const store = await openStore(folder);
  const took = ms(began);
  const { user, system } = process.cpuUsage(cpu);
  collect();
  const after = process.memoryUsage();
  const used = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  const pieces = store.bytes / MiB;
  console.log(
    `started in ${took} ms (${((user + system) / 1000).toFixed(0)} ms of CPU): ${pieces} pieces of ${store.objects} objects, ${(used / store.objects).toFixed(0)} bytes an object, ` +
      `${(used / pieces).toFixed(0)} a piece, resident ${(after.rss / MiB).toFixed(0)} MiB`,
  );
  process.exit(0);
}

function openStore(folder: string): Promise<CacheStore> {
  return CacheStore.open({
    drives: [{ folder, maxBytes: 2 ** 45 }],
    maxFiles: 2_000_000,
    pieceSize: MiB,
    clock: { now: () => performance.now(), setTimer: () => () => {} },
    wallTime: () => Date.now(),
    files: { ...realStoreFiles, freeBytes: async () => 2 ** 45 },
    failed: (error) => {
      throw error;
    },
  });
}

/** As a content server describes an update. */
function recordOf(i: number): ObjectRecord {
  const hex = (Math.imul(i, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  const length = piecesEach * MiB;
  return {
    url: `http://download.example.com/filestreamingservice/files/${hex}-af9c-49be-a03d-bb04428c${hex}?P1=1764000000&P2=404`,
    identity: { etag: `"${hex}"`, lastModified: 'Sun, 06 Nov 1994 08:49:37 GMT', length },
    pieceSize: MiB,
    segmentPieces: 64,
    headers: [
      ['content-type', 'application/octet-stream'],
      ['last-modified', 'Sun, 06 Nov 1994 08:49:37 GMT'],
      ['etag', `"${hex}"`],
      ['cache-control', 'public, max-age=17280000'],
      ['date', 'Sun, 06 Nov 2024 08:49:37 GMT'],
      ['ms-correlationid', `${hex}-9f7a-4f6c-a5f2-4a4c8a1b${hex}`],
      ['x-cid', '3'],
    ],
    freshness: { receivedAt: Date.now(), initialAgeMs: 0, lifetimeMs: 17_280_000_000 },
  };
}

function ms(since: number): string {
  return (performance.now() - since).toFixed(0);
}
