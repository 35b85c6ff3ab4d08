import type { Segment } from './segment.ts';

/**
 * A small object weighs as much as this: its folder, record and journal take room as well, and
 * must not be had for nothing.
 */
const leastCharge = 16384;

/** What each segment weighs, and which was not used for longest. */
export class Ledger {
  /** In order of use, the longest unused first. */
  readonly #segments = new Set<Segment>();
  #charged = 0;
  #bytes = 0;

  /** What counts against the limit: bytes stored and bytes about to be. */
  get charged(): number {
    return this.#charged;
  }

  /** Bytes of all pieces that are on disk. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The segment was used just now; enters it when it is new. */
  touch(segment: Segment): void {
    if (this.#segments.delete(segment)) this.#segments.add(segment);
    else this.#enter(segment);
  }

  /** `stored` and `reserved`: by how much they change. */
  change(segment: Segment, stored: number, reserved: number): void {
    this.#charged -= charge(segment);
    segment.bytes += stored;
    segment.reserved += reserved;
    this.#bytes += stored;
    this.#charged += charge(segment);
  }

  remove(segment: Segment): void {
    if (!this.#segments.delete(segment)) return;
    this.#charged -= charge(segment);
    this.#bytes -= segment.bytes;
  }

  /** The segments that nobody uses, the longest unused first. May be removed while it goes on. */
  *idle(): Generator<Segment> {
    for (const segment of this.#segments) if (segment.users === 0) yield segment;
  }

  #enter(segment: Segment): void {
    this.#segments.add(segment);
    this.#charged += charge(segment);
    this.#bytes += segment.bytes;
  }
}

function charge(segment: Segment): number {
  return Math.max(segment.bytes + segment.reserved, leastCharge);
}
