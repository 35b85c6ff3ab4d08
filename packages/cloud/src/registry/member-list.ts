import type { Cells, field } from './cells.ts';
import { randomOf } from './random-order.ts';
import type { Home } from './swarm.ts';
import type { SwarmMember } from './swarm-registry.ts';

/** Which of a member's places this list keeps. */
export type Place = typeof field.siteAt | typeof field.widerAt;

/** So many neighbours are told together. */
const ofBlock = 4;

/** The members of one class, seeds before the others: add, remove and uniform sampling without scans or copies. */
export class MemberList {
  /** What its members have in common. */
  readonly key: string;
  /** So many members have it in common, be they in the list or not. */
  users = 0;
  /** Of a site: so many of them fetch for it. */
  fetchers = 0;
  /** Of a site: where members may be from. */
  readonly homes: Home[] = [];
  readonly #members: number[] = [];
  readonly place: Place;
  /** How many of the first lacked nothing when they were added. */
  #seeds = 0;

  constructor(key: string, place: Place) {
    this.key = key;
    this.place = place;
  }

  get size(): number {
    return this.#members.length;
  }

  /** A member has in common what all here have; who may not upload is not in the list. */
  take(cells: Cells, member: number, { left, restrictedUpload }: SwarmMember): void {
    this.users++;
    cells.set(member, this.place, -1);
    if (restrictedUpload) return;
    const at = this.#members.push(member) - 1;
    cells.set(member, this.place, at);
    if (left > 0) return;
    this.#move(cells, this.#members[this.#seeds]!, at);
    this.#move(cells, member, this.#seeds++);
  }

  release(cells: Cells, member: number): void {
    this.users--;
    let hole = cells.get(member, this.place);
    if (hole < 0) return;
    if (hole < this.#seeds) {
      this.#seeds--;
      this.#move(cells, this.#members[this.#seeds]!, hole);
      hole = this.#seeds;
    }
    const last = this.#members.pop()!;
    if (hole < this.#members.length) this.#move(cells, last, hole);
  }

  /** A member has another number now. */
  renamed(cells: Cells, member: number): void {
    const at = cells.get(member, this.place);
    if (at >= 0) this.#members[at] = member;
  }

  /** `most` of them, or some more, if there are so many. Each has the same chance. */
  sample(most: number, random: () => number): number[] {
    return this.#sample(this.#members.length, most, random);
  }

  /** As `sample`, of those that lacked nothing when they were added. */
  sampleSeeds(most: number, random: () => number): number[] {
    return this.#sample(this.#seeds, most, random);
  }

  /**
   * Of the first `end` some of the blocks into which their ring falls from a random place on: a join waits for memory
   * that is far apart. Touches no others.
   */
  #sample(end: number, most: number, random: () => number): number[] {
    const blocks = Math.ceil(end / ofBlock);
    const wished = Math.ceil(most / ofBlock) + 1;
    if (blocks <= wished) {
      return randomOf(end, most, random).map((at) => this.#members[at]!);
    }
    const turn = Math.floor(random() * end);
    const found: number[] = [];
    for (const block of randomOf(blocks, wished, random)) {
      const first = block * ofBlock;
      const last = Math.min(end, first + ofBlock);
      for (let i = first; i < last; i++) found.push(this.#members[(turn + i) % end]!);
    }
    return found;
  }

  #move(cells: Cells, member: number, to: number): void {
    this.#members[to] = member;
    cells.set(member, this.place, to);
  }
}
