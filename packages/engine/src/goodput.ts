/** Seconds over which old measurements fade. */
const fade = 2;
/** The first bytes come in a burst out of some buffer, or late: before this they say little, s. */
const settle = 0.1;
const known = 0.25;

/**
 * Measured goodput of one source: bytes over the time it was busy, old ones fading exponentially.
 * A busy source that sends nothing sinks towards zero; an idle one keeps its rate.
 */
export class Goodput {
  #bytes = 0;
  #seconds = 0;
  /** Of all the time it was busy, none of it faded. */
  #busySeconds = 0;
  #at = 0;
  #busy = false;

  /** Bytes/s; 0 while unmeasured. */
  rate(now: number): number {
    this.#advance(now);
    return this.#bytes / Math.max(this.#seconds, settle);
  }

  /** Bytes/s once it was busy long enough to judge by, else 0. @param after seconds */
  known(now: number, after = known): number {
    const rate = this.rate(now);
    return this.#busySeconds < after ? 0 : rate;
  }

  /** Whether at least one byte was measured. */
  get measured(): boolean {
    return this.#bytes > 0;
  }

  /** What comes while nothing is asked, the rest of a cancelled piece, says nothing: it took no time. */
  received(bytes: number, now: number): void {
    this.#advance(now);
    if (this.#busy) this.#bytes += bytes;
  }

  setBusy(busy: boolean, now: number): void {
    this.#advance(now);
    this.#busy = busy;
  }

  #advance(now: number): void {
    const dt = Math.max(0, (now - this.#at) / 1000);
    this.#at = now;
    if (!this.#busy || dt === 0) return;
    const keep = Math.exp(-dt / fade);
    this.#bytes *= keep;
    this.#seconds = this.#seconds * keep + dt;
    this.#busySeconds += dt;
  }
}
