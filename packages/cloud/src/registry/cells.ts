import { textLength, writeTail, writeText } from './entry-text.ts';

/** Characters of a peer id. */
const idLength = 40;
/** Texts are copied as doubles, eight characters at a time: of ASCII none is a NaN, which might come out another. */
const idDoubles = idLength / 8;
const textDoubles = textLength / 8;

/** What is kept of a member, by its place. */
export const field = {
  /** Neighbours in the queue of those that are kept as long, -1 = none. */
  older: 0,
  newer: 1,
  /** Its last join, ms, and for how long it is kept from there. */
  joinedAt: 2,
  keepAliveMs: 3,
  /** Places in the lists of its swarm, -1 = not listed: of its site, and of its group or the Internet. */
  siteAt: 4,
  widerAt: 5,
  /** 1: it fetches for its site. */
  fetches: 6,
  /** In copies of swarms, ms. */
  prolongedAt: 7,
  /** Port (the low 16 bits), mode and whether it may upload. */
  manner: 8,
  /** Bytes still missing. */
  left: 9,
  /** Of its id; the next in the chain of those with the same remainder, + 1. */
  hash: 10,
  next: 11,
} as const;
const fields = 12;
/** Heads of chains, of each member: with twice as many as members most chains are short. */
const heads = 2;
/** What is kept of all of them together. */
export const common = 32;

/** Texts on their way in and out: characters, doubles, words. */
const scratch = new Uint8Array(textLength);
const scratchDoubles = new Float64Array(scratch.buffer);
const scratchWords = new Uint32Array(scratch.buffer);
/** Of multilinear hashing: whoever makes up ids cannot know which of them come together. */
const secrets = crypto.getRandomValues(new Int32Array(idLength / 2));

/**
 * The members of one swarm, numbered from 0, side by side: a join waits for memory that is far apart, and what is no
 * object needs no collecting. Numbers change: who is last takes the place of who is removed.
 */
export class Cells {
  size = 0;
  #capacity = 0;
  /** Where texts begin. */
  #texts = common;
  /**
   * What is common to all, heads of chains (each a member, + 1), fields of each member, and what is told of each from
   * its id on, zeros behind it.
   */
  #all = new Float64Array(common);

  /** Makes room for so many at once. */
  reserve(size: number): void {
    if (size > this.#capacity) this.#resize(size);
  }

  get(member: number, which: number): number {
    return this.#all[this.#at(member) + which]!;
  }

  set(member: number, which: number, value: number): void {
    this.#all[this.#at(member) + which] = value;
  }

  common(which: number): number {
    return this.#all[which]!;
  }

  setCommon(which: number, value: number): void {
    this.#all[which] = value;
  }

  /** The member of that id, -1: it is not in. */
  find(peerId: string): number {
    if (this.size === 0) return -1;
    let member = this.#all[this.#headOf(readId(peerId))]! - 1;
    while (member >= 0 && !this.#isRead(member)) member = this.get(member, field.next) - 1;
    return member;
  }

  /** Enters one that is not in: all is 0 but its id. */
  protected enter(peerId: string): number {
    if (this.size === this.#capacity) this.#resize(this.size);
    const member = this.size++;
    const at = this.#at(member);
    this.#all.fill(0, at, at + fields);
    this.#all[at + field.hash] = readId(peerId);
    const text = this.#textAt(member);
    for (let i = 0; i < idDoubles; i++) this.#all[text + i] = scratchDoubles[i]!;
    this.#chain(member);
    return member;
  }

  /** The last takes its place. */
  protected drop(member: number): void {
    this.#all[this.#linkTo(member)] = this.get(member, field.next);
    const last = this.size - 1;
    if (member !== last) {
      this.#all[this.#linkTo(last)] = member + 1;
      this.#all.copyWithin(this.#at(member), this.#at(last), this.#at(this.size));
      this.#all.copyWithin(this.#textAt(member), this.#textAt(last), this.#textAt(this.size));
    }
    this.size = last;
    if (2 * roomFor(last) < this.#capacity) this.#resize(last);
  }

  isSeed(member: number): boolean {
    return this.get(member, field.left) === 0;
  }

  portOf(member: number): number {
    return this.get(member, field.manner) & 0xffff;
  }

  idOf(member: number): string {
    return this.#textOf(member).slice(0, idLength);
  }

  /** The address that its site and group are told. */
  addressOf(member: number): string {
    const text = this.#textOf(member);
    return text.slice(addressAt, text.indexOf('"', addressAt));
  }

  /** Whether its site and group are told this address. */
  hasAddress(member: number, ip: string): boolean {
    this.#copyText(member, textDoubles, scratchDoubles, 0);
    for (let i = 0; i < ip.length; i++) {
      if (scratch[addressAt + i] !== ip.charCodeAt(i)) return false;
    }
    return scratch[addressAt + ip.length] === quote;
  }

  /** Writes what its site and group are told of it. */
  tell(member: number, ip: string, { port, left }: { port: number; left: number }): void {
    this.set(member, field.left, left);
    const length = writeTail(scratch, 0, ip, port, left) / 8;
    const at = this.#textAt(member) + idDoubles;
    for (let i = 0; i < textDoubles - idDoubles; i++) {
      this.#all[at + i] = i < length ? scratchDoubles[i]! : 0;
    }
  }

  /** Copies what is told of it from its id on. @returns where the next goes */
  copyTold(member: number, out: Float64Array, at: number): number {
    return this.#copyText(member, textDoubles, out, at);
  }

  /** Copies its id. @returns where the next goes */
  copyId(member: number, out: Float64Array, at: number): number {
    return this.#copyText(member, idDoubles, out, at);
  }

  /** Has the texts fetched side by side, which would be waited for one after another. */
  touch(members: readonly number[]): void {
    const all = this.#all;
    const texts = this.#texts;
    let any = 0;
    for (const member of members) {
      const at = texts + member * textDoubles;
      any += all[at]! + all[at + typicalEnd]!;
    }
    // Of no use, but nothing that can be left out.
    scratchDoubles[0] = any;
  }

  #at(member: number): number {
    return common + heads * this.#capacity + member * fields;
  }

  #textAt(member: number): number {
    return this.#texts + member * textDoubles;
  }

  #copyText(member: number, most: number, out: Float64Array, at: number): number {
    const all = this.#all;
    const from = this.#texts + member * textDoubles;
    let length = 0;
    for (; length < most; length++) {
      const eight = all[from + length]!;
      if (eight === 0) break;
      out[at + length] = eight;
    }
    return at + length;
  }

  #textOf(member: number): string {
    this.#copyText(member, textDoubles, scratchDoubles, 0);
    return String.fromCharCode(...scratch);
  }

  /** Whether it has the id that was read. */
  #isRead(member: number): boolean {
    const at = this.#textAt(member);
    for (let i = 0; i < idDoubles; i++) {
      if (this.#all[at + i] !== scratchDoubles[i]) return false;
    }
    return true;
  }

  /** Where a chain begins. */
  #headOf(hash: number): number {
    return common + (hash % (heads * this.#capacity));
  }

  #chain(member: number): void {
    const head = this.#headOf(this.get(member, field.hash));
    this.set(member, field.next, this.#all[head]!);
    this.#all[head] = member + 1;
  }

  /** What points to a member in its chain. */
  #linkTo(member: number): number {
    let at = this.#headOf(this.get(member, field.hash));
    while (this.#all[at] !== member + 1) at = this.#at(this.#all[at]! - 1) + field.next;
    return at;
  }

  /** To have room for so many and some more. */
  #resize(size: number): void {
    const before = this.#all;
    const fieldsBefore = before.subarray(this.#at(0), this.#at(this.size));
    const textsBefore = before.subarray(this.#textAt(0), this.#textAt(this.size));
    this.#capacity = roomFor(size);
    this.#texts = this.#at(this.#capacity);
    this.#all = new Float64Array(this.#textAt(this.#capacity));
    this.#all.set(before.subarray(0, common));
    this.#all.set(fieldsBefore, this.#at(0));
    this.#all.set(textsBefore, this.#textAt(0));
    for (let member = 0; member < this.size; member++) this.#chain(member);
  }
}

const addressAt = idLength + '","Ip":"'.length;
/** Of the text of a member, in doubles. */
const typicalEnd = 10;
const quote = '"'.charCodeAt(0);

/** Cells for so many and some more. */
function roomFor(size: number): number {
  return size + (size >> 2) + 2;
}

/** Puts an id into the scratch. @returns its hash, 17 bits: the sum has no more that are as good as random */
function readId(peerId: string): number {
  if (peerId.length !== idLength) throw new RangeError('a peer id has 40 digits');
  writeText(scratch, 0, peerId);
  let sum = 0;
  for (let i = 0; i < secrets.length / 2; i++) {
    const word = scratchWords[i]!;
    sum += Math.imul(secrets[2 * i]!, word & 0xffff) + Math.imul(secrets[2 * i + 1]!, word >>> 16);
  }
  return (sum >>> 0) >>> 15;
}
