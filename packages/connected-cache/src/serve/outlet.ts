import type { ServerResponse } from 'node:http';
import type { Clock } from '@sluice/protocol';

const smallest = 64 * 1024;
const first = 256 * 1024;
const largest = 1024 * 1024;
const quickMs = 100;
const slowMs = 1000;

/**
 * The body of an answer on its way to one client: no more than two writes wait in memory, and how
 * many bytes are good for one follows from how fast the client takes them.
 */
export class Outlet {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #releases = new Set<() => void>();
  #size = first;
  #wake: (() => void) | undefined;

  /**
   * @param stallMs a client that takes nothing for so long is cut off
   * @param queued how many bytes wait in the system for it to take them, if that can be known
   */
  constructor(
    response: ServerResponse,
    clock: Clock,
    stallMs: number,
    queued: () => number | undefined = () => undefined,
  ) {
    this.#response = response;
    this.#clock = clock;
    response.on('close', () => this.#onClose());
    let before: number | undefined;
    response.setTimeout(stallMs, () => {
      // One write can be megabytes in the system: a slow client takes long until the next.
      const now = queued();
      const takes = now !== undefined && now !== before;
      before = now;
      // Time without a write under way is not the client's fault.
      if (this.#releases.size > 0 && !takes) response.destroy();
      else response.setTimeout(stallMs);
    });
  }

  /** How many bytes one write should have. */
  get size(): number {
    return this.#size;
  }

  get closed(): boolean {
    return this.#response.destroyed || this.#response.closed;
  }

  /** Whether another write is welcome. */
  get hasRoom(): boolean {
    return this.#releases.size < 2;
  }

  /** `release` is called when the bytes are used no more. */
  write(bytes: Uint8Array, release: () => void = () => {}): void {
    if (this.closed) {
      release();
      return;
    }
    const { length } = bytes;
    const began = this.#clock.now();
    const done = () => {
      if (!this.#releases.delete(done)) return;
      release();
      this.#wake?.();
    };
    this.#releases.add(done);
    this.#response.write(bytes, (error) => {
      if (!error) this.#onSent(length, this.#clock.now() - began);
      done();
    });
  }

  /** As `write`, when all before has left: past the response, which would make more of it. */
  pass(bytes: Uint8Array): void {
    const { socket } = this.#response;
    if (this.closed || !socket) return;
    const done = () => {
      if (this.#releases.delete(done)) this.#wake?.();
    };
    this.#releases.add(done);
    socket.write(bytes, done);
  }

  /** Resolves when there is room, or the client is gone. */
  async room(): Promise<void> {
    while (!this.hasRoom && !this.closed) await this.#change();
  }

  /** Resolves when the system has taken all that was written, or the client is gone. */
  async drained(): Promise<void> {
    while (this.#releases.size > 0 && !this.closed) await this.#change();
  }

  /** Ends the body; resolves when it is with the system, or the client is gone. */
  async end(): Promise<void> {
    if (this.closed) return;
    await new Promise<void>((resolve) => {
      this.#response.once('close', resolve);
      this.#response.end(resolve);
    });
  }

  #onSent(length: number, ms: number): void {
    if (ms > slowMs) this.#size = smallest;
    else if (ms < quickMs && length >= this.#size) this.#size = Math.min(largest, 2 * this.#size);
  }

  #onClose(): void {
    for (const done of [...this.#releases]) done();
    this.#wake?.();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
