import type { PeerId } from '@sluice/protocol';
import { crowdFetchers, crowdSize } from './crowd.ts';
import { foldPeerId, handicapped, rendezvousScore } from './rendezvous.ts';

/** A device that may be responsible for pieces; `self` or a peer's source id. */
export type Owner = number;
export const self: Owner = -1;
/** Somebody of the site whom this device may not know. */
export const somebody: Owner = -2;

interface Candidate {
  id: PeerId;
  folded: number;
  /** How often its share is halved. */
  handicap: number;
  /** Those of the highest rank fetch. */
  rank: number;
}

/**
 * Who fetches what over the thin link: for each group of pieces the candidate of the highest
 * rendezvous score, which a handicap makes less; of a crowd nobody more than an even share. A new candidate costs one
 * score per group, a lost one a new search in the groups it had; both say which groups changed hands, and those are few.
 */
export class Responsibility {
  #groupSize: number;
  readonly #pieceCount: number;
  readonly #salt: number;
  readonly #candidates = new Map<Owner, Candidate>();
  #owners = new Int32Array();
  /** Of the owner; none for this device where it stands in for others. */
  #scores = new Float64Array();
  #selfShares = true;
  #relies = false;
  /** Of the candidates those who fetch: all, when they are few. */
  #fetchers = new Map<Owner, Candidate>();

  /** @param salt makes different contents fall differently; the same on all devices. */
  constructor(pieceCount: number, salt: number, selfId: PeerId) {
    this.#pieceCount = pieceCount;
    this.#salt = salt;
    this.#groupSize = defaultGroupSize(pieceCount);
    this.#candidates.set(self, this.#candidate(selfId, 0));
    this.#chooseFetchers();
    this.#assignAll();
  }

  owner(piece: number): Owner {
    return this.#relies ? somebody : this.#owners[this.#groupOf(piece)]!;
  }

  /** Whether this device comes first for the piece among the candidates that pass `counts`. */
  selfLeads(piece: number, counts: (owner: Owner) => boolean): boolean {
    return this.#best(this.#groupOf(piece), (o) => o === self || counts(o)).owner === self;
  }

  /** Whether this device comes before the other for the piece; true when the other is no candidate. */
  selfOutranks(other: Owner, piece: number): boolean {
    return this.#best(this.#groupOf(piece), (o) => o === self || o === other).owner === self;
  }

  /** Whether only some of the candidates fetch. */
  get isCrowded(): boolean {
    return this.#candidates.size > crowdSize;
  }

  /** Whether nobody else of the site shares the work. */
  get isAlone(): boolean {
    return this.#candidates.size === 1;
  }

  get candidateCount(): number {
    return this.#candidates.size;
  }

  /** Whether all pieces go together. */
  get whole(): boolean {
    return this.#groupSize >= this.#pieceCount && this.#pieceCount > 1;
  }

  /**
   * Whether other devices can get from this one. If not, they count on each other only, and it fetches
   * what nobody else is there to fetch.
   * @returns the groups that changed hands.
   */
  setSelfShares(shares: boolean): number[] {
    if (shares === this.#selfShares) return [];
    this.#selfShares = shares;
    return this.#reassign();
  }

  /**
   * Whether this device leaves all to others, known or not.
   * @returns the groups that changed hands.
   */
  setRelies(relies: boolean): Iterable<number> {
    if (relies === this.#relies) return [];
    this.#relies = relies;
    return this.#owners.keys();
  }

  /** @returns the groups that changed hands. */
  add(owner: Owner, id: PeerId, handicap = 0): number[] {
    if (this.#candidates.has(owner)) return this.setHandicap(owner, handicap);
    const candidate = this.#candidate(id, handicap);
    this.#candidates.set(owner, candidate);
    if (this.isCrowded) return this.#chooseFetchers() ? this.#reassign() : [];
    this.#fetchers.set(owner, candidate);
    return this.#contend(owner, candidate);
  }

  /** Has the candidate take a smaller or larger share. @returns the groups that changed hands. */
  setHandicap(owner: Owner, handicap: number): number[] {
    const candidate = this.#candidates.get(owner);
    if (!candidate || candidate.handicap === handicap) return [];
    const isLess = handicap > candidate.handicap;
    candidate.handicap = handicap;
    if (this.isCrowded || (owner === self && !this.#selfShares)) return [];
    return isLess ? this.#yield(owner) : this.#contend(owner, candidate);
  }

  /** @returns the groups that changed hands. */
  remove(owner: Owner): number[] {
    const wasCrowded = this.isCrowded;
    if (!this.#candidates.delete(owner)) return [];
    if (wasCrowded) return this.#chooseFetchers() ? this.#reassign() : [];
    this.#fetchers.delete(owner);
    return this.#yield(owner);
  }

  /** The candidate's scores are higher than before: it has all its groups still, and others. */
  #contend(owner: Owner, candidate: Candidate): number[] {
    const changed: number[] = [];
    for (let g = 0; g < this.#owners.length; g++) {
      const score = this.#scoreOf(candidate, g);
      const best = this.#scores[g]!;
      const holder = this.#owners[g]!;
      if (score < best) continue;
      if (score === best && candidate.id < this.#candidates.get(holder)!.id) continue;
      this.#scores[g] = score;
      if (holder === owner) continue;
      this.#owners[g] = owner;
      changed.push(g);
    }
    return changed;
  }

  /** The candidate's scores are lower than before, or it is gone: each of its groups is looked at. */
  #yield(owner: Owner): number[] {
    const changed: number[] = [];
    const sharers = this.#sharers();
    for (let g = 0; g < this.#owners.length; g++) {
      if (this.#owners[g] !== owner) continue;
      if (this.#assign(g, sharers) !== owner) changed.push(g);
    }
    return changed;
  }

  /** In a crowd most fetch nothing, and not all know of all: what they measure says nothing of their shares. */
  #scoreOf({ folded, handicap }: Candidate, group: number): number {
    const score = rendezvousScore(this.#salt, group, folded);
    return handicapped(score, this.isCrowded ? 0 : handicap);
  }

  /** One group for the whole content: for a source that can only stream it. */
  makeWhole(): void {
    this.#groupSize = Math.max(1, this.#pieceCount);
    this.#assignAll();
  }

  /** The pieces of a group: the first, and the one after the last. */
  piecesOf(group: number): [number, number] {
    const first = group * this.#groupSize;
    return [first, Math.min(this.#pieceCount, first + this.#groupSize)];
  }

  #groupOf(piece: number): number {
    return Math.floor(piece / this.#groupSize);
  }

  #candidate(id: PeerId, handicap: number): Candidate {
    const folded = foldPeerId(id);
    return { id, folded, handicap, rank: rendezvousScore(this.#salt, -1, folded) };
  }

  /** @returns whether they are others than before. */
  #chooseFetchers(): boolean {
    const ranked = [...this.#candidates].sort(
      ([, a], [, b]) => b.rank - a.rank || (a.id < b.id ? 1 : -1),
    );
    const before = this.#fetchers;
    this.#fetchers = new Map(this.isCrowded ? ranked.slice(0, crowdFetchers) : ranked);
    return (
      before.size !== this.#fetchers.size || [...before.keys()].some((o) => !this.#fetchers.has(o))
    );
  }

  #reassign(): number[] {
    const before = this.#owners;
    this.#assignAll();
    return [...before.keys()].filter((g) => before[g] !== this.#owners[g]);
  }

  #assignAll(): void {
    const groups = Math.ceil(this.#pieceCount / this.#groupSize);
    this.#owners = new Int32Array(groups);
    this.#scores = new Float64Array(groups);
    const open = this.#sharers();
    // All of a crowd's fetchers have as much of the line: the last ones to be through must not have it alone.
    const most = this.isCrowded ? Math.ceil(groups / open.size) : groups;
    const loads = new Map<Owner, number>();
    for (let g = 0; g < groups; g++) {
      const owner = this.#assign(g, open);
      const load = (loads.get(owner) ?? 0) + 1;
      loads.set(owner, load);
      if (load === most) open.delete(owner);
    }
  }

  /** Who fetches for the others. */
  #sharers(): Map<Owner, Candidate> {
    const sharers = new Map(this.#fetchers);
    if (!this.#selfShares) sharers.delete(self);
    return sharers;
  }

  #assign(group: number, among: Map<Owner, Candidate>): Owner {
    const { owner, score } = this.#best(group, undefined, among);
    this.#owners[group] = owner;
    this.#scores[group] = score;
    return owner;
  }

  #best(
    group: number,
    counts?: (owner: Owner) => boolean,
    among = this.#candidates,
  ): { owner: Owner; score: number } {
    let best: Owner = self;
    let bestScore = -1;
    let bestId = '';
    for (const [owner, candidate] of among) {
      if (counts && !counts(owner)) continue;
      const { id } = candidate;
      const score = this.#scoreOf(candidate, group);
      if (score > bestScore || (score === bestScore && id > bestId)) {
        best = owner;
        bestScore = score;
        bestId = id;
      }
    }
    return { owner: best, score: bestScore };
  }
}

/**
 * Pieces that go together so that HTTP gets runs: 1 for small contents, up to 8 for large ones,
 * keeping at least 256 groups. The same on all devices: it depends on the piece count only.
 */
function defaultGroupSize(pieceCount: number): number {
  let size = 1;
  while (size < 8 && pieceCount / (size * 2) >= 256) size *= 2;
  return size;
}
