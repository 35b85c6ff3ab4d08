/** Of this process: whoever makes up texts cannot know which of them come together. */
const secrets = crypto.getRandomValues(new Int32Array(2));

/**
 * As a Map, for values that know their keys, and keys that are made for each call: a Map looks each of those up among
 * all texts of the process first, which is memory far apart. Values stay in the order in which they came, mostly.
 */
export class TextMap<V extends object | string> {
  /** Each under the hash of its key, or under the next number that was free. */
  readonly #all = new Map<number, V>();
  readonly #keyOf: (value: V) => string;

  constructor(keyOf: (value: V) => string) {
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#all.size;
  }

  get(key: string): V | undefined {
    return this.#all.get(this.#placeOf(key));
  }

  has(key: string): boolean {
    return this.#all.has(this.#placeOf(key));
  }

  values(): MapIterator<V> {
    return this.#all.values();
  }

  /** Takes the place of one that has the same key. */
  set(value: V): void {
    this.#all.set(this.#placeOf(this.#keyOf(value)), value);
  }

  /** @returns whether there was one */
  delete(key: string): boolean {
    let place = this.#placeOf(key);
    if (!this.#all.delete(place)) return false;
    // Who stands behind it may have found its place taken.
    for (;;) {
      place = (place + 1) | 0;
      const moved = this.#all.get(place);
      if (moved === undefined) return true;
      this.#all.delete(place);
      this.set(moved);
    }
  }

  /** Where it is, or would be. */
  #placeOf(key: string): number {
    let place = textHash(key);
    for (;;) {
      const found = this.#all.get(place);
      if (found === undefined || this.#keyOf(found) === key) return place;
      place = (place + 1) | 0;
    }
  }
}

/** HalfSipHash-1-3 of the UTF-16 units of a text: 32 bits, signed. */
function textHash(text: string): number {
  let v0 = secrets[0]!;
  let v1 = secrets[1]!;
  let v2 = v0 ^ 0x6c796765;
  let v3 = v1 ^ 0x74656462;
  const words = (text.length >> 1) + 1;
  for (let i = 0; i < words + 3; i++) {
    if (i === words) v2 ^= 0xff;
    const word = i < words ? wordOf(text, 2 * i) : 0;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}

/** Two units; the last has one or none, and the length. */
function wordOf(text: string, at: number): number {
  const left = text.length - at;
  if (left >= 2) return text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
  return (left === 1 ? text.charCodeAt(at) : 0) | (text.length << 16);
}
