/** Between rounds in which no cache host worked, ms; the waits double (workflow.md §8). */
const firstWaitMs = 1_000;
const maxWaitMs = 30_000;

/** The cache hosts of a download, one after the other, and round again if that is wanted. */
export class CacheRounds {
  readonly #hosts: readonly string[];
  #at = 0;
  #waitMs = firstWaitMs;

  /** @param hosts best first. */
  constructor(hosts: readonly string[]) {
    this.#hosts = [...hosts];
  }

  /** Hosts not tried in this round. */
  get left(): number {
    return this.#hosts.length - this.#at;
  }

  /** Undefined when the round is over. */
  next(): string | undefined {
    return this.#hosts[this.#at++];
  }

  /** Begins a new round. @returns how long to wait before it, ms. */
  again(): number {
    this.#at = 0;
    const waitMs = this.#waitMs;
    this.#waitMs = Math.min(maxWaitMs, 2 * waitMs);
    return waitMs;
  }

  /** One works: the waits begin anew. */
  worked(): void {
    this.#waitMs = firstWaitMs;
  }
}
