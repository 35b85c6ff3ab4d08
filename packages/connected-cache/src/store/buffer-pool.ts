/** Bytes to read into, until given back. */
export interface PooledBuffer {
  readonly bytes: Buffer;
  /** The bytes belong to somebody else afterwards. */
  release(): void;
}

interface SizeClass {
  size: number;
  /** The most buffers of this size. */
  limit: number;
  made: number;
  free: Buffer[];
}

/** Of what there is no limit: all others are lent to clients that do not take their bytes. */
const emergencySize = 16 * 1024;

/**
 * Read buffers of three sizes, each with its own ceiling: a client that is slow to take its bytes
 * gets small ones, so it can hold up little memory and none of the large buffers of the others.
 */
export class BufferPool {
  readonly #classes: SizeClass[];

  /** @param budget bytes in all, a third for each size */
  constructor(budget = 64 * 1024 * 1024) {
    this.#classes = [1024, 256, 64].map((kib) => {
      const size = kib * 1024;
      return { size, limit: Math.max(1, Math.floor(budget / 3 / size)), made: 0, free: [] };
    });
  }

  /** A buffer of `size` bytes or a little more; a smaller one when none is left, a small one always. */
  take(size: number): PooledBuffer {
    const smallest = this.#classes.findLast((c) => c.size >= size) ?? this.#classes[0]!;
    for (const of of this.#classes) {
      if (of.size > smallest.size) continue;
      const bytes = obtain(of);
      if (bytes) return lend(of, bytes);
    }
    return { bytes: Buffer.allocUnsafeSlow(emergencySize), release() {} };
  }
}

function obtain(of: SizeClass): Buffer | undefined {
  const free = of.free.pop();
  if (free || of.made >= of.limit) return free;
  of.made++;
  return Buffer.allocUnsafeSlow(of.size);
}

function lend(of: SizeClass, bytes: Buffer): PooledBuffer {
  let lent = true;
  const release = () => {
    if (lent) of.free.push(bytes);
    lent = false;
  };
  return { bytes, release };
}
