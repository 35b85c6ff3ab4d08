import type { RunSink } from '../source.ts';

/**
 * A sink for tests: keeps all it gets, hands out shared memory as the agent does, and has room for
 * only so many bytes until `allow` makes more.
 */
export class CollectingSink implements RunSink {
  readonly #shared = new Uint8Array(new SharedArrayBuffer(1_048_576));
  readonly #chunks: Uint8Array[] = [];
  readonly #spaceSize: number;
  #room: number;
  #given = 0;
  #waiting: PromiseWithResolvers<void> | undefined;
  #starved = Promise.withResolvers<void>();
  /** Bytes got. */
  length = 0;
  /** Called when bytes came. */
  onFilled: (() => void) | undefined;
  /** Set: the next `space()` throws it. */
  fault: Error | undefined;

  /** @param room bytes it takes before it pauses. @param spaceSize the most it gives at a time. */
  constructor(room = Number.POSITIVE_INFINITY, spaceSize = 1_048_576) {
    this.#room = room;
    this.#spaceSize = spaceSize;
  }

  space(): Uint8Array | undefined {
    if (this.fault) throw this.fault;
    this.#given = Math.min(this.#room, this.#spaceSize);
    if (this.#given > 0) return this.#shared.subarray(0, this.#given);
    this.#starved.resolve();
    return undefined;
  }

  filled(n: number): void {
    if (n > this.#given) throw new Error(`${n} bytes were placed where ${this.#given} fit`);
    this.#chunks.push(this.#shared.slice(0, n));
    this.#given = 0;
    this.#room -= n;
    this.length += n;
    this.onFilled?.();
  }

  async ready(): Promise<void> {
    if (this.#room > 0) return;
    this.#waiting ??= Promise.withResolvers();
    await this.#waiting.promise;
  }

  /** Resolves when the source asked for space in vain. */
  get starved(): Promise<void> {
    return this.#starved.promise;
  }

  /** Makes room for `bytes` more. */
  allow(bytes: number): void {
    this.#starved = Promise.withResolvers();
    this.#room += bytes;
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  /** Makes `ready()` reject. */
  refuse(error: Error): void {
    this.#waiting?.reject(error);
  }

  /** All bytes got so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
