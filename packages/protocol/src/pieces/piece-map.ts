import { sluiceError } from '../errors/index.ts';

/**
 * Which pieces there are: a bitfield with the count kept, so that `count` and `complete` cost nothing.
 * Words hold 32 pieces, piece 0 in the top bit, so that the bytes in big-endian order are the
 * bitfield of the swarm protocol (wire.md §2: bit 7 of byte 0 = piece 0).
 */
export class PieceMap {
  /** Number of pieces of the content. */
  readonly length: number;
  readonly #words: Uint32Array;
  #count = 0;

  constructor(length: number) {
    this.length = length;
    this.#words = new Uint32Array(Math.ceil(length / 32));
  }

  static full(length: number): PieceMap {
    const map = new PieceMap(length);
    map.#words.fill(0xffffffff);
    const spare = map.#words.length * 32 - length;
    if (spare > 0) map.#words[map.#words.length - 1] = (0xffffffff << spare) >>> 0;
    map.#count = length;
    return map;
  }

  /** @throws InvalidMessage when the byte length is not that of `length` pieces or a spare bit is set. */
  static fromBitfield(bytes: Uint8Array, length: number): PieceMap {
    if (bytes.length !== Math.ceil(length / 8)) {
      throw sluiceError('InvalidMessage', { detail: `bitfield of ${bytes.length} bytes` });
    }
    const spare = bytes.length * 8 - length;
    if (spare > 0 && (bytes[bytes.length - 1]! & ((1 << spare) - 1)) !== 0) {
      throw sluiceError('InvalidMessage', { detail: 'bitfield has spare bits set' });
    }
    const map = new PieceMap(length);
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      map.#words[i >> 2]! |= byte << (24 - 8 * (i & 3));
      map.#count += popcount(byte);
    }
    return map;
  }

  /** The bytes of the swarm protocol's bitfield message; a copy. */
  toBitfield(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.length / 8));
    for (let i = 0; i < bytes.length; i++) {
      bytes[i] = (this.#words[i >> 2]! >>> (24 - 8 * (i & 3))) & 0xff;
    }
    return bytes;
  }

  /** How many pieces are set. */
  get count(): number {
    return this.#count;
  }

  get complete(): boolean {
    return this.#count === this.length;
  }

  has(i: number): boolean {
    return i >= 0 && i < this.length && (this.#words[i >>> 5]! & (0x80000000 >>> (i & 31))) !== 0;
  }

  /** @returns whether the piece was not set before. @throws RangeError outside the map. */
  set(i: number): boolean {
    if (!(i >= 0 && i < this.length)) throw new RangeError(`piece ${i} of ${this.length}`);
    if (this.has(i)) return false;
    this.#words[i >>> 5]! |= 0x80000000 >>> (i & 31);
    this.#count++;
    return true;
  }

  /** @returns whether the piece was set before. */
  clear(i: number): boolean {
    if (!this.has(i)) return false;
    this.#words[i >>> 5]! &= ~(0x80000000 >>> (i & 31));
    this.#count--;
    return true;
  }

  /** The first set piece at or after `from`, or -1. */
  nextSet(from: number): number {
    return this.#scan(from, (w) => this.#words[w]!);
  }

  /** The first piece not set at or after `from`, or -1. */
  nextClear(from: number): number {
    return this.#scan(from, (w) => ~this.#words[w]!);
  }

  /** The first piece at or after `from` that both maps have, or -1. Costs a step per 32 pieces. */
  firstInBoth(other: PieceMap, from: number): number {
    return this.#scan(from, (w) => this.#words[w]! & other.#words[w]!);
  }

  /** The first piece at or after `from` that this map has and the other has not, or -1. As `firstInBoth`. */
  firstNotIn(other: PieceMap, from: number): number {
    return this.#scan(from, (w) => this.#words[w]! & ~other.#words[w]!);
  }

  clone(): PieceMap {
    const map = new PieceMap(this.length);
    map.#words.set(this.#words);
    map.#count = this.#count;
    return map;
  }

  #scan(from: number, wordAt: (w: number) => number): number {
    if (from >= this.length) return -1;
    const start = Math.max(0, from);
    let w = start >>> 5;
    let word = wordAt(w) & (0xffffffff >>> (start & 31));
    while (word === 0) {
      if (++w >= this.#words.length) return -1;
      word = wordAt(w);
    }
    const i = w * 32 + Math.clz32(word);
    return i < this.length ? i : -1;
  }
}

function popcount(byte: number): number {
  let n = 0;
  for (let b = byte; b !== 0; b &= b - 1) n++;
  return n;
}
