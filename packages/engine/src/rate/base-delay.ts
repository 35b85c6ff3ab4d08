/** Minutes kept, one minimum each (RFC 6817 BASE_HISTORY): a path that got longer is believed after that. */
const minutes = 10;

/** The delay of a path when nothing queues on it: the least that was seen in ten minutes. */
export class BaseDelay {
  /** The latest minute first. */
  #minima: { minute: number; ms: number }[] = [];

  add(ms: number, now: number): void {
    const minute = Math.floor(now / 60_000);
    const latest = this.#minima[0];
    if (latest?.minute === minute) latest.ms = Math.min(latest.ms, ms);
    else this.#minima.unshift({ minute, ms });
    this.#minima = this.#minima.filter((m) => m.minute > minute - minutes);
  }

  /** ms; Infinity before the first sample. */
  get ms(): number {
    return Math.min(...this.#minima.map((m) => m.ms));
  }
}
