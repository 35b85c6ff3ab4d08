/** Less says little: bytes come in bursts, ms. */
const spanMs = 400;

/** Bytes/s over the last half second or so, told at the times that the caller marks. */
export class RecentRate {
  #bytes = 0;
  readonly #marks: { at: number; bytes: number }[] = [];

  received(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Marks this time. @returns bytes/s since about 0.4 s ago; 0 while only one mark was made. */
  mark(now: number): number {
    this.#marks.push({ at: now, bytes: this.#bytes });
    while (now - (this.#marks[1]?.at ?? now) >= spanMs) this.#marks.shift();
    const first = this.#marks[0]!;
    const ms = now - first.at;
    return ms > 0 ? (1000 * (this.#bytes - first.bytes)) / ms : 0;
  }
}
