/**
 * How fast the two hot paths of this package are, each beside the least work that could do the job:
 *  - FrameReader: 1 MiB piece messages pushed in 64 KiB chunks, beside a walk over the same chunks;
 *    and the same with skipPieceData, as when the socket is read straight into the piece's buffer;
 *  - PiecesHasher: the same bytes, beside one plain SHA-256 over all of them.
 * Runs take turns, so that a busy moment of the machine hits all alike; medians are printed.
 *
 *     node packages/protocol/bench/frame-reader.ts [MiB per run] [runs]
 */
import { createHash } from 'node:crypto';
import { PiecesHasher } from '../src/phf/index.ts';
import { encodePieceHeader, FrameReader } from '../src/swarm/index.ts';

const mib = 1_048_576;
const chunkSize = 65_536;
const size = Number(process.argv[2] ?? 256);
const runs = Number(process.argv[3] ?? 9);

const content = Buffer.alloc(mib, 'sluice');
const stream = Buffer.concat(
  Array.from({ length: 16 }, (_, i) => [encodePieceHeader(i, 0, mib), content]).flat(),
);

/** Gives the bytes of `size` piece messages in chunks; content repeats, so that it stays small. */
function eachChunk(use: (chunk: Uint8Array) => void): void {
  for (let done = 0; done < size; done += 16) {
    for (let at = 0; at < stream.length; at += chunkSize) {
      use(stream.subarray(at, at + chunkSize));
    }
  }
}

function counting() {
  const seen = { bytes: 0, pieces: 0 };
  const reader = new FrameReader({
    onMessage: () => undefined,
    onPieceStart: () => undefined,
    onPieceData: (view) => {
      seen.bytes += view.length;
    },
    onPieceEnd: () => {
      seen.pieces++;
    },
  });
  return { seen, reader };
}

function walk(): number {
  let bytes = 0;
  eachChunk((chunk) => {
    bytes += chunk.length;
  });
  return bytes;
}

function frames(): number {
  const { seen, reader } = counting();
  eachChunk((chunk) => reader.push(chunk));
  return seen.pieces;
}

function framesInPlace(): number {
  const { seen, reader } = counting();
  const header = encodePieceHeader(0, 0, mib);
  for (let piece = 0; piece < size; piece++) {
    reader.push(header);
    while (reader.pieceBytesLeft > 0) {
      reader.skipPieceData(Math.min(chunkSize, reader.pieceBytesLeft));
    }
  }
  return seen.pieces;
}

function plainHash(): number {
  const hash = createHash('sha256');
  eachChunk((chunk) => hash.update(chunk));
  return hash.digest().length;
}

function piecesHasher(): number {
  const hasher = new PiecesHasher();
  eachChunk((chunk) => hasher.update(chunk));
  return hasher.finish().contentLength;
}

/** Runs each in turn, `runs` times after one to warm up. @returns median MiB/s by name. */
function measure<K extends string>(work: Record<K, () => number>): Record<K, number> {
  const names = Object.keys(work) as K[];
  const times = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let run = 0; run <= runs; run++) {
    for (const name of names) {
      const start = process.hrtime.bigint();
      work[name]();
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      if (run > 0) times.get(name)!.push(seconds);
    }
  }
  const rates = names.map((name) => [name, size / median(times.get(name)!)] as const);
  return Object.fromEntries(rates) as Record<K, number>;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

const rates = measure({ walk, frames, framesInPlace, plainHash, piecesHasher });
for (const [name, rate] of Object.entries(rates)) {
  process.stdout.write(`${name.padEnd(14)} ${rate.toFixed(0).padStart(10)} MiB/s\n`);
}
const ratio = (a: number, b: number) => (a / b).toFixed(2);
process.stdout.write(`FrameReader / SHA-256          ${ratio(rates.frames, rates.plainHash)}\n`);
process.stdout.write(
  `PiecesHasher / plain SHA-256   ${ratio(rates.piecesHasher, rates.plainHash)}\n`,
);
