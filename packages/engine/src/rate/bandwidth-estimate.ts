const slotMs = 1_000;
/** Slots at full rate that a measurement takes. The first is not counted: it begins with what was buffered. */
const slotsPerMeasurement = 3;
/** Measured anew so long after the last time, ms. */
const againMs = 180_000;
/** A measurement counts for so long, ms: past the next one, so that the larger of two holds for a while. */
const windowMs = 240_000;

/**
 * The bandwidth that the device has towards its sources: the largest goodput of some seconds at full
 * rate, measured at the beginning and every three minutes while something comes (policies.md §8).
 */
export class BandwidthEstimate {
  #slotAt = 0;
  #slotBytes = 0;
  #slots = 0;
  #nextAt = 0;
  #measured: { at: number; rate: number }[] = [];

  /** Bytes/s; undefined before the first measurement. */
  get rate(): number | undefined {
    if (this.#measured.length === 0) return undefined;
    return Math.max(...this.#measured.map((m) => m.rate));
  }

  /** Whether the full rate is wanted now, to measure it. */
  isMeasuring(now: number): boolean {
    this.#roll(now);
    return now >= this.#nextAt;
  }

  received(bytes: number, now: number): void {
    this.#roll(now);
    if (this.#slotBytes === 0) this.#slotAt = now;
    this.#slotBytes += bytes;
  }

  #roll(now: number): void {
    if (this.#slotBytes === 0 || now - this.#slotAt < slotMs) return;
    const rate = (1000 * this.#slotBytes) / slotMs;
    const at = this.#slotAt + slotMs;
    this.#slotBytes = 0;
    if (at < this.#nextAt || ++this.#slots === 1) return;
    this.#measured = this.#measured.filter((m) => at - m.at < windowMs);
    this.#measured.push({ at, rate });
    if (this.#slots < slotsPerMeasurement) return;
    this.#slots = 0;
    this.#nextAt = at + againMs;
  }
}
