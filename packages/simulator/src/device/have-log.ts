import type { PieceMap } from '@sluice/protocol';

/**
 * The logs of all devices, side by side: what a device looks up of each of its neighbours, again and again, is two
 * numbers in two arrays that everybody uses.
 */
export class HaveLogs {
  /** As many places for each device as there are pieces: its pieces in the order they came. */
  pieces = new Int32Array(1024);
  /** How many of a device's pieces those have heard of that are equally far away. */
  told = new Int32Array(64);
  #places = 0;
  #toldPlaces = 0;

  /** @returns the first of so many places in `pieces` */
  reserve(count: number): number {
    const first = this.#places;
    this.#places += count;
    if (this.#places > this.pieces.length) this.pieces = grown(this.pieces, this.#places);
    return first;
  }

  /** @returns a place in `told` */
  reserveTold(): number {
    const place = this.#toldPlaces++;
    if (place === this.told.length) this.told = grown(this.told, place);
    return place;
  }
}

/**
 * The pieces of a device in the order they came. Neighbours read on from where they were, as far as they
 * were told: so a have-message costs nothing until its receiver looks, and then a step in an array.
 */
export class HaveLog {
  readonly map: PieceMap;
  /** How many there are. */
  count = 0;
  /** Where they begin in the logs of all. */
  readonly first: number;
  readonly #logs: HaveLogs;
  /** Places of what was told, by latency, ms. */
  readonly #told = new Map<number, number>();

  constructor(logs: HaveLogs, has: PieceMap) {
    this.map = has.clone();
    this.#logs = logs;
    this.first = logs.reserve(has.length);
    for (let p = has.nextSet(0); p >= 0; p = has.nextSet(p + 1)) this.#push(p);
  }

  get complete(): boolean {
    return this.map.complete;
  }

  /** @returns whether it is new. */
  add(piece: number): boolean {
    if (!this.map.set(piece)) return false;
    this.#push(piece);
    return true;
  }

  /** Those that are so far away have heard of so many. */
  tell(latencyMs: number, count: number): void {
    const place = this.toldAfter(latencyMs);
    this.#logs.told[place] = Math.max(this.#logs.told[place]!, count);
  }

  /** The place of how much those have heard of that are so far away. */
  toldAfter(latencyMs: number): number {
    let place = this.#told.get(latencyMs);
    if (place === undefined) {
      place = this.#logs.reserveTold();
      this.#logs.told[place] = this.count;
      this.#told.set(latencyMs, place);
    }
    return place;
  }

  #push(piece: number): void {
    this.#logs.pieces[this.first + this.count++] = piece;
  }
}

function grown(array: Int32Array<ArrayBuffer>, atLeast: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * atLeast);
  larger.set(array);
  return larger;
}
