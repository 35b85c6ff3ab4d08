/**
 * How fast pieces get from memory to the page cache: `writePiece` of 1 GiB, by piece size, with and
 * without digests, from a pool of 64 MiB. Prints medians of the rounds, CPU time of a round and the peak memory.
 */
import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PiecesHasher, pieceCount } from '@sluice/protocol';
import {
  type ContentDescription,
  type ContentEntry,
  createPieceBufferPool,
  createPieceWorker,
  openContentStore,
} from '../src/store/index.ts';

const contentLength = 1_073_741_824;
const rounds = 5;

/** Content of which all pieces are alike, so that every buffer holds every piece. */
function describe(pieceSize: number): ContentDescription & { piece: Buffer } {
  const piece = randomFillSync(Buffer.alloc(pieceSize));
  const hasher = new PiecesHasher({ pieceSize });
  for (let done = 0; done < contentLength; done += pieceSize) hasher.update(piece);
  const { digests, hashOfHashes } = hasher.finish();
  return { key: 'bench', contentLength, pieceSize, digests, hashOfHashes, piece };
}

async function writeAll(entry: ContentEntry, piece: Buffer): Promise<void> {
  const pool = createPieceBufferPool({ pieceSize: piece.length, maxBytes: 64 * 1_048_576 });
  const count = pieceCount({ contentLength, pieceSize: piece.length });
  const all: Promise<void>[] = [];
  for (let i = 0; i < count; i++) {
    let buffer = pool.acquire();
    while (!buffer) {
      await pool.whenAvailable();
      buffer = pool.acquire();
    }
    const held = buffer;
    held.bytes.set(piece);
    all.push(
      entry.writePiece(i, held, 0).then((written) => {
        if (!written) throw new Error(`piece ${i} refused`);
        pool.release(held);
      }),
    );
  }
  await Promise.all(all);
}

function printRow(pieceSize: number, digests: string, rates: number[], cpuSeconds: number): void {
  const sorted = rates.toSorted((a, b) => a - b).map((rate) => rate.toFixed(0));
  console.log(
    `${pieceSize}`.padStart(10),
    digests.padStart(9),
    `${sorted[rounds >> 1]}`.padStart(7),
    `(${sorted.join(' ')})`.padEnd(28),
    cpuSeconds.toFixed(2).padStart(6),
    (process.resourceUsage().maxRSS / 1024).toFixed(0).padStart(9),
  );
}

/** One row of the table: all rounds of one piece size, with digests or without. */
async function measure(pieceSize: number, digests: 'yes' | 'no'): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const worker = createPieceWorker();
  try {
    const store = await openContentStore({ root: folder, worker });
    const { piece, ...described } = describe(pieceSize);
    const { digests: _, hashOfHashes: __, ...bare } = described;
    const rates: number[] = [];
    let cpuSeconds = 0;
    for (let round = 0; round < rounds; round++) {
      const entry = await store.open(digests === 'yes' ? described : bare);
      const before = process.cpuUsage();
      const start = performance.now();
      await writeAll(entry, piece);
      rates.push(contentLength / 1_048_576 / ((performance.now() - start) / 1000));
      const { user, system } = process.cpuUsage(before);
      cpuSeconds += (user + system) / 1e6 / rounds;
      await entry.close();
      await store.remove('bench');
    }
    printRow(pieceSize, digests, rates, cpuSeconds);
  } finally {
    await worker.close();
    await rm(folder, { recursive: true });
  }
}

const [size, digests] = process.argv.slice(2);
if (size !== undefined) {
  await measure(Number(size), digests === 'yes' ? 'yes' : 'no');
} else {
  console.log('piece size   digests  MiB/s  (each round)                 CPU-s  peak RSS MiB');
  // A process for each row: the memory of one must not count for the next.
  for (const pieceSize of [16_384, 262_144, 1_048_576, 16_777_216]) {
    for (const kind of ['yes', 'no']) {
      const args = [fileURLToPath(import.meta.url), `${pieceSize}`, kind];
      spawnSync(process.execPath, args, { stdio: 'inherit' });
    }
  }
}
