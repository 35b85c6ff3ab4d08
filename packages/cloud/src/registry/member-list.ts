import type { Member } from './member.ts';
import { inRandomOrder } from './random-order.ts';

/** Which of a member's places this list keeps. */
export type Place = 'lanAt' | 'wideAt';
type AnyPlace = Place | `${Place}Seeds`;

/** The members of one class: add, remove and uniform sampling without scans or copies. */
export class MemberList {
  /** What its members have in common. */
  readonly key: string;
  readonly #members: Member[] = [];
  readonly #place: AnyPlace;
  /** Those that lack nothing, once more; made with the first. */
  #seeds: MemberList | undefined;

  constructor(key: string, place: AnyPlace) {
    this.key = key;
    this.#place = place;
  }

  get size(): number {
    return this.#members.length;
  }

  add(member: Member): void {
    member[this.#place] = this.#members.push(member) - 1;
    const place = seedsOf(this.#place);
    if (member.left > 0 || !place) return;
    this.#seeds ??= new MemberList(this.key, place);
    this.#seeds.add(member);
  }

  remove(member: Member): void {
    const at = member[this.#place];
    const last = this.#members.pop()!;
    if (last !== member) {
      this.#members[at] = last;
      last[this.#place] = at;
    }
    member[this.#place] = -1;
    const place = seedsOf(this.#place);
    if (place && member[place] >= 0) this.#seeds?.remove(member);
  }

  /**
   * Shows members in uniformly random order, each at most once, until `visit` says false or all were
   * shown. Costs O(shown) and touches none but these: memory far apart is what a join waits for.
   */
  sample(random: () => number, visit: (member: Member) => boolean): void {
    inRandomOrder(this.#members.length, random, (at) => visit(this.#members[at]!));
  }

  /** As `sample`, of those that lacked nothing when they were added. */
  sampleSeeds(random: () => number, visit: (member: Member) => boolean): void {
    this.#seeds?.sample(random, visit);
  }
}

function seedsOf(place: AnyPlace): `${Place}Seeds` | undefined {
  if (place === 'lanAt') return 'lanAtSeeds';
  return place === 'wideAt' ? 'wideAtSeeds' : undefined;
}
