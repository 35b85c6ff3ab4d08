/**
 * How often ours, its rivals and one that knows the future find what is asked for in a day of requests
 * (`npm run bench:eviction [seed]`). Belady's is exact for bytes, in pieces that may go in part.
 */
import { DriveSpace } from '../src/store/eviction/drive-space.ts';
import { beladyHitBytes, type PieceUses } from './eviction/belady.ts';
import { type Ratios, replay, type Space, spaceOf } from './eviction/replay.ts';
import { Lru, Sieve, Slru } from './eviction/rivals.ts';
import { MiB, makeTrace, type Trace } from './eviction/trace.ts';

const GiB = 1024 * MiB;
const filePieces = 64;
const seed = Number(process.argv[2] ?? 1);
const trace = makeTrace(seed);
const uses = pieceUses(trace);
const asked = trace.events.reduce((sum, { start, end }) => sum + end - start, 0);
const { objects, events } = trace;
console.log(`day ${seed}: ${events.length} requests of ${objects.length} objects`);
console.log(`${(asked / GiB).toFixed(0)} GiB asked for, ${uses.pieces.length} uses of pieces\n`);

for (const capacity of [25, 50, 100, 200].map((n) => n * GiB)) {
  const limits = { capacity, batch: capacity * 0.02 };
  const space = { high: capacity, batch: limits.batch, maxItems: 1e9, quotas: new Map() };
  console.log(`cache of ${capacity / GiB} GiB        bytes     requests   ns/use`);
  run('plain LRU of pieces', spaceOf(new Lru(), limits), 1);
  run('LRU of files', spaceOf(new Lru(), limits), filePieces);
  run('SIEVE of files', spaceOf(new Sieve(), limits), filePieces);
  run('SLRU of files', spaceOf(new Slru(), limits), filePieces);
  run('ours: S3-FIFO of files', new DriveSpace(space), filePieces);
  row('Belady, knows the day', { bytes: beladyHitBytes(uses, capacity) / asked });
  console.log();
}

function run(name: string, space: Space, unitPieces: number): void {
  row(name, replay(trace, space, unitPieces));
}

function row(name: string, { bytes, requests, nanoseconds }: Partial<Ratios>): void {
  const percent = (part: number | undefined) =>
    part === undefined ? '' : `${(100 * part).toFixed(2)} %`;
  const cells = [percent(bytes), percent(requests), nanoseconds?.toFixed(0) ?? ''];
  console.log(name.padEnd(22) + cells.map((cell) => cell.padStart(10)).join(''));
}

function pieceUses({ objects, events }: Trace): PieceUses {
  const first = new Int32Array(objects.length + 1);
  objects.forEach(({ length }, i) => {
    first[i + 1] = first[i]! + Math.ceil(length / MiB);
  });
  const weights = new Float64Array(first[objects.length]!);
  objects.forEach(({ length }, i) => {
    for (let p = first[i]!; p < first[i + 1]!; p++) {
      weights[p] = Math.min(MiB, length - (p - first[i]!) * MiB);
    }
  });
  const pieces: number[] = [];
  for (const { object, start, end } of events) {
    for (let p = Math.floor(start / MiB); p * MiB < end; p++) pieces.push(first[object]! + p);
  }
  return { pieces: Int32Array.from(pieces), weights };
}
