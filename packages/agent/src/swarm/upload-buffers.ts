import { type Clock, sluiceError } from '@sluice/protocol';

/** Bytes of content read and sent at once. */
export const partLength = 256 * 1024;
/** 16 MiB in all: enough for several peers at disk and network speed. */
const maxBuffers = 64;
/** While others wait, nobody sits on a buffer for longer. */
const maxHoldMs = 5_000;
/** Who was turned out gets so long to let go before it is the next one's turn. */
const evictionMs = 100;

/** Who takes buffers. */
export interface BufferHolder {
  /** Others wait for the buffer that this one has held too long: it has to let go. */
  evict(): void;
}

/**
 * Buffers for uploads, shared by all peers; who waits is served in order, so that all get their turn.
 * Peers that ask and then do not read would end up with all of them: while others wait, who has held
 * one longest is turned out.
 */
export class UploadBuffers {
  readonly #clock: Clock;
  readonly #free: Uint8Array[] = [];
  /** In the order they were given out. */
  readonly #held = new Map<Uint8Array, { holder: BufferHolder; since: number }>();
  readonly #waiting: { holder: BufferHolder; give: (buffer: Uint8Array) => void }[] = [];
  #cancelTimer: (() => void) | undefined;
  #nextEviction = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many are out. */
  get inUse(): number {
    return this.#held.size;
  }

  /** `partLength` bytes, to be released by the holder. */
  acquire(holder: BufferHolder): Promise<Uint8Array> {
    if (this.#held.size < maxBuffers) {
      const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(partLength);
      this.#give(buffer, holder);
      return Promise.resolve(buffer);
    }
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    this.#waiting.push({ holder, give: resolve });
    this.#watch();
    return promise;
  }

  /** @throws Internal when it is not out. */
  release(buffer: Uint8Array): void {
    if (!this.#held.delete(buffer)) {
      throw sluiceError('Internal', { detail: 'upload buffer released twice' });
    }
    const next = this.#waiting.shift();
    if (next) {
      this.#give(buffer, next.holder);
      next.give(buffer);
    } else this.#free.push(buffer);
    if (this.#waiting.length > 0) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #give(buffer: Uint8Array, holder: BufferHolder): void {
    this.#held.set(buffer, { holder, since: this.#clock.now() });
  }

  /** As long as somebody waits. */
  #watch(): void {
    if (this.#cancelTimer) return;
    const [oldest] = this.#held.values();
    const due = Math.max(this.#nextEviction, (oldest?.since ?? 0) + maxHoldMs);
    this.#cancelTimer = this.#clock.setTimer(due - this.#clock.now(), () => {
      this.#cancelTimer = undefined;
      this.#evictOldest();
      if (this.#waiting.length > 0) this.#watch();
    });
  }

  #evictOldest(): void {
    const [first] = this.#held;
    if (!first) return;
    const [buffer, { holder, since }] = first;
    const now = this.#clock.now();
    if (now - since < maxHoldMs) return;
    // It lets go in its own time; meanwhile it is the turn of the next.
    this.#held.delete(buffer);
    this.#held.set(buffer, { holder, since: now });
    this.#nextEviction = now + evictionMs;
    holder.evict();
  }
}
