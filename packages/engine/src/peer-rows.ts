import type { PieceMap } from '@sluice/protocol';

/**
 * Which peers have which pieces, a row of bits for each, and what is counted of it. What every have-message and every
 * piece that comes looks at lies side by side: in a fleet that is most of what there is to do.
 */
export class PeerRows {
  readonly #pieceCount: number;
  /** Words of a row. */
  readonly #width: number;
  readonly #held: Held[] = [];
  #bits: Uint32Array;
  #counts = new Int32Array(1);
  #useful = new Int32Array(1);
  #open = new Int32Array(1);
  #claiming = new Uint8Array(1);
  #choked = new Uint8Array(1);
  #full = new Uint8Array(1);

  constructor(pieceCount: number) {
    this.#pieceCount = pieceCount;
    this.#width = Math.ceil(pieceCount / 32);
    this.#bits = new Uint32Array(this.#width);
  }

  get pieceCount(): number {
    return this.#pieceCount;
  }

  /** Gives the pieces of a peer a row here, the last; nothing of them is counted yet. */
  adopt(held: Held): void {
    const row = this.#held.push(held) - 1;
    if (row === this.#counts.length) this.#grow();
    const at = row * this.#width;
    this.#bits.fill(0, at, at + this.#width);
    this.#counts[row] = 0;
    this.#useful[row] = 0;
    this.#open[row] = 0;
    this.#claiming[row] = 0;
    this.#choked[row] = 1;
    this.#full[row] = 0;
    const { rows, row: before } = held;
    held.rows = this;
    held.row = row;
    if (rows === this) return;
    for (let p = rows.next(before, 0, true); p >= 0; p = rows.next(before, p + 1, true)) {
      this.set(row, p);
    }
  }

  /** Lets go of a peer: its pieces go to a place of their own, the rows behind it move up. */
  release(held: Held): void {
    const { row } = held;
    new PeerRows(this.#pieceCount).adopt(held);
    this.#held.splice(row, 1);
    const width = this.#width;
    this.#bits.copyWithin(row * width, (row + 1) * width);
    const counted = [this.#counts, this.#useful, this.#open];
    for (const column of [...counted, this.#claiming, this.#choked, this.#full]) {
      column.copyWithin(row, row + 1);
    }
    for (let r = row; r < this.#held.length; r++) this.#held[r]!.row = r;
  }

  has(row: number, piece: number): boolean {
    const word = this.#bits[row * this.#width + (piece >>> 5)]!;
    return piece < this.#pieceCount && (word & (0x80000000 >>> (piece & 31))) !== 0;
  }

  /** @returns whether it was not set before. */
  set(row: number, piece: number): boolean {
    const at = row * this.#width + (piece >>> 5);
    const bit = 0x80000000 >>> (piece & 31);
    if ((this.#bits[at]! & bit) !== 0) return false;
    this.#bits[at]! |= bit;
    this.#counts[row]!++;
    return true;
  }

  /** @returns whether it was set before. */
  clear(row: number, piece: number): boolean {
    if (!this.has(row, piece)) return false;
    this.#bits[row * this.#width + (piece >>> 5)]! &= ~(0x80000000 >>> (piece & 31));
    this.#counts[row]!--;
    return true;
  }

  count(row: number): number {
    return this.#counts[row]!;
  }

  useful(row: number): number {
    return this.#useful[row]!;
  }

  open(row: number): number {
    return this.#open[row]!;
  }

  /** @returns how many there are now. */
  addUseful(row: number, by: 1 | -1): number {
    this.#useful[row]! += by;
    return this.#useful[row]!;
  }

  addOpen(row: number, by: 1 | -1): void {
    this.#open[row]! += by;
  }

  isClaiming(row: number): boolean {
    return this.#claiming[row] === 1;
  }

  setClaiming(row: number, isClaiming: boolean): void {
    this.#claiming[row] = Number(isClaiming);
  }

  isChoked(row: number): boolean {
    return this.#choked[row] === 1;
  }

  setChoked(row: number, isChoked: boolean): void {
    this.#choked[row] = Number(isChoked);
  }

  isFull(row: number): boolean {
    return this.#full[row] === 1;
  }

  setFull(row: number, isFull: boolean): void {
    this.#full[row] = Number(isFull);
  }

  /** The piece became wanted (+1), or is no longer (−1). */
  wanted(piece: number, by: 1 | -1): void {
    const bit = 0x80000000 >>> (piece & 31);
    let at = piece >>> 5;
    for (let row = 0; row < this.#held.length; row++, at += this.#width) {
      if ((this.#bits[at]! & bit) !== 0) this.#open[row]! += by;
    }
  }

  /** The piece is here. @param done told of each row that has nothing useful any more */
  landed(piece: number, done: (row: number) => void): void {
    const bit = 0x80000000 >>> (piece & 31);
    let at = piece >>> 5;
    for (let row = 0; row < this.#held.length; row++, at += this.#width) {
      if ((this.#bits[at]! & bit) !== 0 && --this.#useful[row]! === 0) done(row);
    }
  }

  /** The first piece at or after `from` that is set, or is not; or -1. */
  next(row: number, from: number, isSet: boolean): number {
    if (from >= this.#pieceCount) return -1;
    const at = row * this.#width;
    const flip = isSet ? 0 : 0xffffffff;
    let w = from >>> 5;
    let word = (this.#bits[at + w]! ^ flip) & (0xffffffff >>> (from & 31));
    while (word === 0) {
      if (++w >= this.#width) return -1;
      word = this.#bits[at + w]! ^ flip;
    }
    const piece = w * 32 + Math.clz32(word);
    return piece < this.#pieceCount ? piece : -1;
  }

  #grow(): void {
    const rows = 2 * this.#counts.length;
    this.#bits = grown(this.#bits, new Uint32Array(rows * this.#width));
    this.#counts = grown(this.#counts, new Int32Array(rows));
    this.#useful = grown(this.#useful, new Int32Array(rows));
    this.#open = grown(this.#open, new Int32Array(rows));
    this.#claiming = grown(this.#claiming, new Uint8Array(rows));
    this.#choked = grown(this.#choked, new Uint8Array(rows));
    this.#full = grown(this.#full, new Uint8Array(rows));
  }
}

function grown<T extends Uint8Array | Int32Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** The pieces that one peer has: a row, wherever it is kept. */
export class Held {
  rows: PeerRows;
  row = 0;

  constructor(has: PieceMap) {
    this.rows = new PeerRows(has.length);
    this.rows.adopt(this);
    for (let p = has.nextSet(0); p >= 0; p = has.nextSet(p + 1)) this.rows.set(0, p);
  }

  has(piece: number): boolean {
    return this.rows.has(this.row, piece);
  }

  get count(): number {
    return this.rows.count(this.row);
  }

  get complete(): boolean {
    return this.count === this.rows.pieceCount;
  }

  /** Pieces it has and we lack. */
  get useful(): number {
    return this.rows.useful(this.row);
  }

  /** Pieces it has and we want: lack, and nobody brings. */
  get open(): number {
    return this.rows.open(this.row);
  }

  /** Its queue was full when it was last looked at. */
  setFull(isFull: boolean): void {
    this.rows.setFull(this.row, isFull);
  }

  nextSet(from: number): number {
    return this.rows.next(this.row, from, true);
  }

  nextClear(from: number): number {
    return this.rows.next(this.row, from, false);
  }

  /** The first piece at or after `from` that is in the map, too; or -1. */
  firstIn(map: PieceMap, from: number): number {
    let p = this.nextSet(from);
    while (p >= 0 && !map.has(p)) {
      const q = map.nextSet(p);
      p = q < 0 ? -1 : this.nextSet(q);
    }
    return p;
  }
}
