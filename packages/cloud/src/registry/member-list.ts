import type { Member } from './member.ts';
import { randomOf } from './random-order.ts';

/** Which of a member's places this list keeps. */
export type Place = 'lanAt' | 'wideAt';

/** The members of one class, seeds before the others: add, remove and uniform sampling without scans or copies. */
export class MemberList {
  /** What its members have in common. */
  readonly key: string;
  readonly #members: Member[] = [];
  readonly #place: Place;
  /** How many of the first lacked nothing when they were added. */
  #seeds = 0;

  constructor(key: string, place: Place) {
    this.key = key;
    this.#place = place;
  }

  get size(): number {
    return this.#members.length;
  }

  add(member: Member): void {
    const at = this.#members.push(member) - 1;
    member[this.#place] = at;
    if (member.left > 0) return;
    this.#move(this.#members[this.#seeds]!, at);
    this.#move(member, this.#seeds++);
  }

  remove(member: Member): void {
    let hole = member[this.#place];
    if (hole < this.#seeds) {
      this.#seeds--;
      this.#move(this.#members[this.#seeds]!, hole);
      hole = this.#seeds;
    }
    const last = this.#members.pop()!;
    if (hole < this.#members.length) this.#move(last, hole);
    member[this.#place] = -1;
  }

  /** Up to `most` of them in uniformly random order. Touches none but these: memory far apart is what a join waits for. */
  sample(most: number, random: () => number): Member[] {
    return randomOf(this.#members, this.#members.length, most, random);
  }

  /** As `sample`, of those that lacked nothing when they were added. */
  sampleSeeds(most: number, random: () => number): Member[] {
    return randomOf(this.#members, this.#seeds, most, random);
  }

  #move(member: Member, to: number): void {
    this.#members[to] = member;
    member[this.#place] = to;
  }
}
