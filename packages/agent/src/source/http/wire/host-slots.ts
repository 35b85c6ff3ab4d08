import { cancelled } from './on-abort.ts';

/** Connections to one host, of all downloads together. */
const defaultLimit = 16;

interface Host {
  open: number;
  /** In the order they came. */
  readonly waiting: Set<() => void>;
  /** What closes each connection that is kept for later only. */
  readonly idle: Set<() => void>;
}

/**
 * How many connections there may be to one host at a time, whoever opens them: servers count them by
 * address. Whoever waits goes before what is only kept.
 */
export class HostSlots {
  readonly #limit: number;
  readonly #hosts = new Map<string, Host>();

  constructor(limit = defaultLimit) {
    this.#limit = limit;
  }

  /** Takes a slot if there is one; `release` gives it back. */
  take(name: string): boolean {
    const host = this.#hostOf(name);
    if (host.open >= this.#limit) return false;
    host.open++;
    return true;
  }

  /** Waits for a slot. @throws Cancelled, or the reason of `signal`. */
  async wait(name: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw cancelled(signal);
    if (this.take(name)) return;
    const host = this.#hostOf(name);
    const granted = Promise.withResolvers<void>();
    const onAbort = () => granted.reject(cancelled(signal));
    host.waiting.add(granted.resolve);
    signal.addEventListener('abort', onAbort, { once: true });
    const [closeOldest] = host.idle;
    closeOldest?.();
    try {
      await granted.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      host.waiting.delete(granted.resolve);
    }
  }

  release(name: string): void {
    const host = this.#hostOf(name);
    const [next] = host.waiting;
    if (next) {
      // The slot goes on to who waits, at once: nobody comes between.
      host.waiting.delete(next);
      next();
    } else if (--host.open === 0) this.#hosts.delete(name);
  }

  /**
   * A connection is only kept now. @param close called at once when somebody waits.
   * @returns a function to call when it is used again, or gone.
   */
  keep(name: string, close: () => void): () => void {
    const host = this.#hostOf(name);
    host.idle.add(close);
    if (host.waiting.size > 0) close();
    return () => host.idle.delete(close);
  }

  #hostOf(name: string): Host {
    const known = this.#hosts.get(name);
    if (known) return known;
    const made: Host = { open: 0, waiting: new Set(), idle: new Set() };
    this.#hosts.set(name, made);
    return made;
  }
}
