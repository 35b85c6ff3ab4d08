/** Bytes to read into, until given back. */
export interface PooledBuffer {
  readonly bytes: Buffer;
  /** Once; the bytes belong to somebody else then. */
  release(): void;
}

interface SizeClass {
  size: number;
  /** The most buffers of this size. */
  limit: number;
  made: number;
  free: Buffer[];
}

/**
 * Read buffers of three sizes, each with its own ceiling: a client that is slow to take its bytes
 * gets small ones, so it can hold up little memory and none of the large buffers of the others.
 */
export class BufferPool {
  readonly #classes: SizeClass[];
  #waiting: ((buffer: PooledBuffer) => void)[] = [];

  /** @param budget bytes in all, a third for each size */
  constructor(budget = 96 * 1024 * 1024) {
    this.#classes = [64, 256, 1024].map((kib) => {
      const size = kib * 1024;
      return { size, limit: Math.max(1, Math.floor(budget / 3 / size)), made: 0, free: [] };
    });
  }

  /**
   * A buffer of `size` bytes or the next larger size there is; a smaller one when there is no
   * other. Waits its turn when none is free.
   */
  take(size: number): PooledBuffer | Promise<PooledBuffer> {
    const fitting = this.#classes.findIndex((c) => c.size >= size);
    const first = fitting < 0 ? this.#classes.length - 1 : fitting;
    for (let i = first; i >= 0; i--) {
      const buffer = obtain(this.#classes[i]!);
      if (buffer) return this.#lend(this.#classes[i]!, buffer);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #lend(of: SizeClass, bytes: Buffer): PooledBuffer {
    let lent = true;
    const release = () => {
      if (!lent) return;
      lent = false;
      const next = this.#waiting.shift();
      if (next) next(this.#lend(of, bytes));
      else of.free.push(bytes);
    };
    return { bytes, release };
  }
}

function obtain(of: SizeClass): Buffer | undefined {
  const free = of.free.pop();
  if (free || of.made >= of.limit) return free;
  of.made++;
  return Buffer.allocUnsafeSlow(of.size);
}
