import type { PeerId } from '@sluice/protocol';
import { crowdFetchers, crowdSize } from './crowd.ts';
import {
  foldPeerId,
  groupKey,
  handicapped,
  peerKey,
  rendezvousScore,
  scoreOfKeys,
} from './rendezvous.ts';

/** A device that may be responsible for pieces; `self` or a peer's source id. */
export type Owner = number;
export const self: Owner = -1;
/** Somebody of the site whom this device may not know. */
export const somebody: Owner = -2;

interface Candidate {
  owner: Owner;
  id: PeerId;
  /** Of its scores. */
  key: number;
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
  #candidates: readonly Candidate[];
  /** Of the candidates those who fetch: all, when they are few. */
  #fetchers: readonly Candidate[];
  #groupKeys = new Int32Array();
  #owners = new Int32Array();
  /** Of the owner; none for this device where it stands in for others. */
  #scores = new Float64Array();
  #selfShares = true;
  #relies = false;

  /** @param salt makes different contents fall differently; the same on all devices. */
  constructor(pieceCount: number, salt: number, selfId: PeerId) {
    this.#pieceCount = pieceCount;
    this.#salt = salt;
    this.#groupSize = defaultGroupSize(pieceCount);
    this.#candidates = [this.#candidate(self, selfId, 0)];
    this.#fetchers = this.#candidates;
    this.#assignAll();
  }

  owner(piece: number): Owner {
    return this.#relies ? somebody : this.#owners[this.#groupOf(piece)]!;
  }

  /** Whether this device comes first for the piece among the candidates that pass `counts`. */
  selfLeads(piece: number, counts: (owner: Owner) => boolean): boolean {
    return this.#leads(piece, (o) => o === self || counts(o));
  }

  /** Whether this device comes before the other for the piece; true when the other is no candidate. */
  selfOutranks(other: Owner, piece: number): boolean {
    return this.#leads(piece, (o) => o === self || o === other);
  }

  /** Whether only some of the candidates fetch. */
  get isCrowded(): boolean {
    return this.#candidates.length > crowdSize;
  }

  /** Whether nobody else of the site shares the work. */
  get isAlone(): boolean {
    return this.#candidates.length === 1;
  }

  get candidateCount(): number {
    return this.#candidates.length;
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
    if (this.#find(owner)) return this.setHandicap(owner, handicap);
    const candidate = this.#candidate(owner, id, handicap);
    this.#candidates = [...this.#candidates, candidate];
    if (this.isCrowded) return this.#chooseFetchers() ? this.#reassign() : [];
    this.#fetchers = this.#candidates;
    return this.#contend(candidate);
  }

  /** Has the candidate take a smaller or larger share. @returns the groups that changed hands. */
  setHandicap(owner: Owner, handicap: number): number[] {
    const candidate = this.#find(owner);
    if (!candidate || candidate.handicap === handicap) return [];
    const isLess = handicap > candidate.handicap;
    candidate.handicap = handicap;
    if (this.isCrowded || (owner === self && !this.#selfShares)) return [];
    return isLess ? this.#yield(owner) : this.#contend(candidate);
  }

  /** @returns the groups that changed hands. */
  remove(owner: Owner): number[] {
    const wasCrowded = this.isCrowded;
    if (!this.#find(owner)) return [];
    this.#candidates = this.#candidates.filter((c) => c.owner !== owner);
    if (wasCrowded) return this.#chooseFetchers() ? this.#reassign() : [];
    this.#fetchers = this.#candidates;
    return this.#yield(owner);
  }

  /** The candidate's scores are higher than before: it has all its groups still, and others. */
  #contend(candidate: Candidate): number[] {
    const { owner } = candidate;
    const changed: number[] = [];
    for (let g = 0; g < this.#owners.length; g++) {
      const score = this.#scoreOf(candidate, g);
      const best = this.#scores[g]!;
      const holder = this.#owners[g]!;
      if (score < best) continue;
      if (score === best && candidate.id < this.#find(holder)!.id) continue;
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
  #scoreOf({ key, handicap }: Candidate, group: number): number {
    const score = scoreOfKeys(key, this.#groupKeys[group]!);
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

  #leads(piece: number, counts: (owner: Owner) => boolean): boolean {
    return this.#best(this.#groupOf(piece), this.#candidates, counts)?.owner === self;
  }

  #groupOf(piece: number): number {
    return Math.floor(piece / this.#groupSize);
  }

  #candidate(owner: Owner, id: PeerId, handicap: number): Candidate {
    const folded = foldPeerId(id);
    const rank = rendezvousScore(this.#salt, -1, folded);
    return { owner, id, key: peerKey(this.#salt, folded), handicap, rank };
  }

  #find(owner: Owner): Candidate | undefined {
    return this.#candidates.find((c) => c.owner === owner);
  }

  /** @returns whether they are others than before. */
  #chooseFetchers(): boolean {
    const before = new Set(this.#fetchers);
    this.#fetchers = this.#candidates;
    if (this.isCrowded) {
      const byRank = (a: Candidate, b: Candidate) => b.rank - a.rank || (a.id < b.id ? 1 : -1);
      this.#fetchers = this.#candidates.toSorted(byRank).slice(0, crowdFetchers);
    }
    return before.size !== this.#fetchers.length || this.#fetchers.some((c) => !before.has(c));
  }

  #reassign(): number[] {
    const before = this.#owners;
    this.#assignAll();
    return [...before.keys()].filter((g) => before[g] !== this.#owners[g]);
  }

  #assignAll(): void {
    const groups = Math.ceil(this.#pieceCount / this.#groupSize);
    if (this.#groupKeys.length !== groups) {
      this.#groupKeys = Int32Array.from({ length: groups }, (_, g) => groupKey(g));
    }
    this.#owners = new Int32Array(groups);
    this.#scores = new Float64Array(groups);
    let open = this.#sharers();
    // All of a crowd's fetchers have as much of the line: the last ones to be through must not have it alone.
    const most = this.isCrowded ? Math.ceil(groups / open.length) : groups;
    const loads = new Map<Owner, number>();
    for (let g = 0; g < groups; g++) {
      const owner = this.#assign(g, open);
      const load = (loads.get(owner) ?? 0) + 1;
      loads.set(owner, load);
      if (load === most) open = open.filter((c) => c.owner !== owner);
    }
  }

  /** Who fetches for the others. */
  #sharers(): Candidate[] {
    return this.#fetchers.filter(({ owner }) => this.#selfShares || owner !== self);
  }

  #assign(group: number, among: readonly Candidate[]): Owner {
    const best = this.#best(group, among);
    this.#owners[group] = best?.owner ?? self;
    this.#scores[group] = best ? this.#scoreOf(best, group) : -1;
    return this.#owners[group]!;
  }

  /** When many begin at once this is asked for every group again and again: no more calls than must be. */
  #best(
    group: number,
    among: readonly Candidate[],
    counts?: (owner: Owner) => boolean,
  ): Candidate | undefined {
    const key = this.#groupKeys[group]!;
    const { isCrowded } = this;
    let best: Candidate | undefined;
    let bestScore = -1;
    for (let i = 0; i < among.length; i++) {
      const candidate = among[i]!;
      if (counts && !counts(candidate.owner)) continue;
      // In a crowd as they are, which is the same order.
      let score = scoreOfKeys(candidate.key, key);
      if (!isCrowded) score = handicapped(score, candidate.handicap);
      if (score < bestScore || (score === bestScore && candidate.id <= best!.id)) continue;
      best = candidate;
      bestScore = score;
    }
    return best;
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
