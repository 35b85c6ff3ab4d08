import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type PieceGeometry, type PieceMap, pieceCount, sluiceError } from '@sluice/protocol';
import { type DigestJob, digestLength, stop } from './digest-job.ts';
import { runDigestJobBeside } from './digest-loop.ts';

export interface HashingOptions {
  /** Told as bytes are hashed, both counts in bytes. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** More threads than this gain nothing: two already outrun `openssl` and most disks. */
const maxThreads = 2;
/** A thread takes 30–60 ms to start, and more on a busy machine: so few bytes are hashed sooner here. */
const mostHere = 64 << 20;

/**
 * The SHA-256 of every piece of an open file (or of the `wanted` ones, the others left zero), 32
 * bytes each; many are hashed on two threads of their own.
 * @param fd open for reading and left open; its position is not used.
 * @throws Cancelled; else what reading threw (`ESHORT` when the file ends too early).
 */
export async function digestPieces(
  fd: number,
  geometry: PieceGeometry,
  options: HashingOptions & { wanted?: PieceMap | undefined } = {},
): Promise<Uint8Array> {
  const { contentLength, pieceSize } = geometry;
  const { signal, onProgress, wanted } = options;
  if (signal?.aborted) throw sluiceError('Cancelled', {}, { cause: signal.reason });
  const count = pieceCount(geometry);
  const job: DigestJob = {
    fd,
    contentLength,
    pieceSize,
    wanted: wanted?.toBitfield(),
    digests: new Uint8Array(new SharedArrayBuffer(count * digestLength)),
    control: new Int32Array(new SharedArrayBuffer(8)),
  };
  const total = wanted ? Math.min(contentLength, wanted.count * pieceSize) : contentLength;
  let done = 0;
  const onBytes = (bytes: number) => {
    done = Math.min(total, done + bytes);
    onProgress?.(done, total);
  };
  const run = total <= mostHere ? runDigestJobBeside : runThread;
  await runAll(job, Math.min(maxThreads, count), (each) => run(each, onBytes), signal);
  return job.digests;
}

async function runAll(
  job: DigestJob,
  workers: number,
  run: (job: DigestJob) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const halt = () => Atomics.store(job.control, stop, 1);
  signal?.addEventListener('abort', halt, { once: true });
  try {
    const results = await Promise.allSettled(
      Array.from({ length: workers }, async () => {
        try {
          await run(job);
        } catch (error) {
          halt();
          throw error;
        }
      }),
    );
    // The caller closes the file next: only now has nobody hold of it.
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  } finally {
    signal?.removeEventListener('abort', halt);
  }
  if (signal?.aborted) throw sluiceError('Cancelled', {}, { cause: signal.reason });
}

async function runThread(job: DigestJob, onBytes: (bytes: number) => void): Promise<void> {
  const script = new URL(`./digest-thread${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(script, { workerData: job, execArgv: [] });
  worker.on('message', onBytes);
  await once(worker, 'exit');
}
