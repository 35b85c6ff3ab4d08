import { maxPieceSize, sluiceError } from '@sluice/protocol';
import { giveMemory, takeMemory } from './idle-memory.ts';

/** Room for one piece. Shared memory, so that the worker hashes and writes it without a copy. */
export interface PieceBuffer {
  /** `pieceSize` bytes, the whole of one SharedArrayBuffer; what it holds is undefined at first. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

export interface PieceBufferPool {
  /**
   * A buffer, or undefined when all are out, so many are full that the disk should catch up first, or
   * free ones are promised to those who wait.
   */
  acquire(): PieceBuffer | undefined;
  /** The buffer holds its piece, and is released when that is on disk. */
  full(buffer: PieceBuffer): void;
  /** Gives a buffer back; it must not be used after. @throws Internal when it is not out. */
  release(buffer: PieceBuffer): void;
  /**
   * Resolves when it is this caller's turn to `acquire` (at once, in the same tick), in the order of
   * the calls. @throws Cancelled
   */
  whenAvailable(signal?: AbortSignal): Promise<void>;
  /** How many buffers there may be. */
  readonly capacity: number;
  /** How many are out. */
  readonly inUse: number;
}

/**
 * Bounds the memory of all pieces in flight that share the pool. Memory is taken when first needed and
 * goes back to a stock of the process, so that a pool needs no end.
 * @param options.pieceSize bytes per buffer.
 * @param options.maxBytes ceiling of all buffers together.
 * @param options.maxFull buffers that may wait for the disk; what comes faster than it is written is
 *   better left in the sockets than spread over cold memory. No limit if not given.
 * @throws InvalidArgument when not one buffer fits below the ceiling.
 */
export function createPieceBufferPool(options: {
  pieceSize: number;
  maxBytes: number;
  maxFull?: number;
}): PieceBufferPool {
  const { pieceSize, maxBytes, maxFull = Number.POSITIVE_INFINITY } = options;
  if (!Number.isInteger(pieceSize) || pieceSize < 1 || pieceSize > maxPieceSize) {
    throw sluiceError('InvalidArgument', { name: 'piece size', detail: `${pieceSize} bytes` });
  }
  if (!(maxBytes >= pieceSize)) {
    throw sluiceError('InvalidArgument', {
      name: 'memory for pieces',
      detail: `${maxBytes} bytes do not hold one piece of ${pieceSize} bytes`,
    });
  }
  return new Pool(pieceSize, Math.floor(maxBytes / pieceSize), maxFull);
}

class Pool implements PieceBufferPool {
  readonly capacity: number;
  readonly #pieceSize: number;
  readonly #maxFull: number;
  readonly #out = new Set<PieceBuffer>();
  readonly #full = new Set<PieceBuffer>();
  /** Those who wait, in order. */
  readonly #waiters = new Set<() => void>();
  /** Buffers promised to waiters that were woken and have not called `acquire` yet. */
  #promised = 0;

  constructor(pieceSize: number, capacity: number, maxFull: number) {
    this.#pieceSize = pieceSize;
    this.#maxFull = maxFull;
    this.capacity = capacity;
  }

  get inUse(): number {
    return this.#out.size;
  }

  acquire(): PieceBuffer | undefined {
    if (this.#room <= 0) return undefined;
    if (this.#promised > 0) this.#promised--;
    else if (this.#waiters.size > 0) return undefined;
    const buffer = { bytes: new Uint8Array(takeMemory(this.#pieceSize)) };
    this.#out.add(buffer);
    return buffer;
  }

  full(buffer: PieceBuffer): void {
    if (this.#out.has(buffer)) this.#full.add(buffer);
  }

  release(buffer: PieceBuffer): void {
    if (!this.#out.delete(buffer)) {
      throw sluiceError('Internal', { detail: 'piece buffer released twice' });
    }
    this.#full.delete(buffer);
    giveMemory(buffer.bytes.buffer);
    this.#wake();
  }

  async whenAvailable(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) throw sluiceError('Cancelled', {}, { cause: signal.reason });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cancel = () => {
      this.#waiters.delete(resolve);
      reject(sluiceError('Cancelled', {}, { cause: signal?.reason }));
    };
    this.#waiters.add(resolve);
    signal?.addEventListener('abort', cancel, { once: true });
    this.#wake();
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Buffers that may go out now. */
  get #room(): number {
    return this.#full.size < this.#maxFull ? this.capacity - this.inUse : 0;
  }

  #wake(): void {
    const spare = this.#room - this.#promised;
    const woken = [...this.#waiters.values().take(Math.max(0, spare))];
    for (const waiter of woken) {
      this.#waiters.delete(waiter);
      waiter();
    }
    this.#promised += woken.length;
    if (woken.length > 0) setImmediate(() => this.#forgetPromises());
  }

  /** Who was woken and did not acquire (its download ended) must not keep the others asleep. */
  #forgetPromises(): void {
    if (this.#promised === 0) return;
    this.#promised = 0;
    this.#wake();
  }
}
