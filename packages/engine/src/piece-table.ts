import { PieceMap, type PieceRun } from '@sluice/protocol';
import type { SourceId } from './events.ts';
import { RarityIndex } from './rarity.ts';
import { type Owner, type Responsibility, self } from './responsibility.ts';

const unclaimed = -1;

/** Where a piece stands; kept so that moving it on costs O(1). */
const Place = {
  /** Here, or in flight. */
  settled: 0,
  /** A peer has it. */
  available: 1,
  /** No peer has it; this device is responsible. */
  own: 2,
  /** No peer has it; another device is responsible, or said that it fetches it. */
  waiting: 3,
} as const;

/**
 * Every piece in its place, changed by one piece at a time as events come, so that no decision has
 * to scan them all. Only a change of who is responsible goes over all pieces.
 */
export class PieceTable {
  readonly have: PieceMap;
  /** Neither here nor in flight. */
  readonly wanted: PieceMap;
  readonly own: PieceMap;
  readonly waiting: PieceMap;
  readonly rarity: RarityIndex;
  readonly responsibility: Responsibility;
  /** Told when a piece becomes wanted (+1) or is no longer (−1). */
  onWanted: (piece: number, by: 1 | -1) => void = () => {};
  readonly #place: Uint8Array;
  readonly #waitsFor: Int32Array;
  readonly #claimedBy: Int32Array;
  readonly #backlog = new Map<Owner, number>();
  #available = 0;
  #landedAt: number | undefined;
  #broughtInAt: number | undefined;

  constructor(have: PieceMap, responsibility: Responsibility) {
    const n = have.length;
    this.have = have.clone();
    this.wanted = new PieceMap(n);
    this.own = new PieceMap(n);
    this.waiting = new PieceMap(n);
    this.rarity = new RarityIndex(n);
    this.responsibility = responsibility;
    this.#place = new Uint8Array(n);
    this.#waitsFor = new Int32Array(n);
    this.#claimedBy = new Int32Array(n).fill(unclaimed);
    for (let i = this.have.nextClear(0); i >= 0; i = this.have.nextClear(i + 1)) this.want(i);
  }

  /** Wanted pieces that a peer has. */
  get availableCount(): number {
    return this.#available;
  }

  /** For how long nothing came, ms. */
  quietMs(now: number): number {
    this.#landedAt ??= now;
    return now - this.#landedAt;
  }

  /** This device has brought a piece in from elsewhere, or another one a piece that is its to bring in. */
  broughtIn(now: number): void {
    this.#broughtInAt = now;
  }

  /** For how long none did, ms. */
  sinceBroughtMs(now: number): number {
    this.#broughtInAt ??= now;
    return now - this.#broughtInAt;
  }

  /** Whether any other device has pieces to begin, as far as we know. */
  get hasBacklog(): boolean {
    return this.#backlog.size > 0;
  }

  /** Pieces that this owner has still to begin, as far as we know. */
  backlog(owner: Owner): number {
    return this.#backlog.size === 0 ? 0 : (this.#backlog.get(owner) ?? 0);
  }

  claimant(piece: number): SourceId | undefined {
    const by = this.#claimedBy[piece]!;
    return by === unclaimed ? undefined : by;
  }

  /** The piece must be fetched (again). */
  want(piece: number): void {
    if (this.have.has(piece) || !this.wanted.set(piece)) return;
    this.onWanted(piece, 1);
    this.reclassify(piece);
  }

  /** The piece is in flight now. */
  unwant(piece: number): void {
    if (!this.wanted.clear(piece)) return;
    this.onWanted(piece, -1);
    this.reclassify(piece);
  }

  /** The piece is here. @returns false if it was before. */
  got(piece: number, now: number): boolean {
    const isNew = this.have.set(piece);
    if (isNew) this.#landedAt = now;
    this.unwant(piece);
    return isNew;
  }

  peerGot(piece: number): void {
    this.rarity.change(piece, 1);
    // One peer more of several moves it nowhere.
    if (this.rarity.availability(piece) === 1) this.reclassify(piece);
  }

  peerLost(piece: number): void {
    this.rarity.change(piece, -1);
    this.reclassify(piece);
  }

  /** The first to claim a piece holds it until it lets go. @returns whether the claim is new. */
  claim(piece: number, by: SourceId): boolean {
    if (this.#claimedBy[piece] !== unclaimed) return false;
    this.#claimedBy[piece] = by;
    this.reclassify(piece);
    return true;
  }

  /** @returns how many of the run were claimed by it. */
  unclaim(run: PieceRun, by: SourceId): number {
    let count = 0;
    for (let p = run.first; p < run.first + run.count; p++) {
      if (this.#claimedBy[p] !== by) continue;
      this.#claimedBy[p] = unclaimed;
      this.reclassify(p);
      count++;
    }
    return count;
  }

  /** After a change of who is responsible for these groups of pieces. */
  reclassifyGroups(groups: Iterable<number>): void {
    for (const group of groups) {
      const [first, end] = this.responsibility.piecesOf(group);
      for (let p = first; p < end; p++) this.reclassify(p);
    }
  }

  /** All pieces go together now: the source can only stream them. */
  makeWhole(): void {
    this.responsibility.makeWhole();
    this.reclassifyGroups([0]);
  }

  /** A waiting piece of `owner`'s backlog for which this device is next in line; bounded search. */
  findNextInLine(owner: Owner, from: number, probes: number): number {
    let piece = this.waiting.nextSet(from);
    if (piece < 0) piece = this.waiting.nextSet(0);
    for (let k = 0; k < probes && piece >= 0; k++) {
      const free = this.#claimedBy[piece] === unclaimed && this.#waitsFor[piece] === owner;
      if (free && this.responsibility.selfLeads(piece, (o) => o !== owner)) return piece;
      piece = this.waiting.nextSet(piece + 1);
    }
    return -1;
  }

  reclassify(piece: number): void {
    const place = this.#placeOf(piece);
    const owner = place === Place.waiting ? this.#ownerToWaitFor(piece) : self;
    const before = this.#place[piece]!;
    if (place === before && (place !== Place.waiting || owner === this.#waitsFor[piece])) return;
    this.#leave(piece, before);
    this.#place[piece] = place;
    if (place === Place.available) {
      this.rarity.add(piece);
      this.#available++;
    } else if (place === Place.own) {
      this.own.set(piece);
    } else if (place === Place.waiting) {
      this.waiting.set(piece);
      this.#waitsFor[piece] = owner;
      this.#count(owner, 1);
    }
  }

  #leave(piece: number, place: number): void {
    if (place === Place.available) {
      this.rarity.remove(piece);
      this.#available--;
    } else if (place === Place.own) {
      this.own.clear(piece);
    } else if (place === Place.waiting) {
      this.waiting.clear(piece);
      this.#count(this.#waitsFor[piece]!, -1);
    }
  }

  #placeOf(piece: number): number {
    if (!this.wanted.has(piece)) return Place.settled;
    if (this.rarity.availability(piece) > 0) return Place.available;
    if (this.#claimedBy[piece] !== unclaimed) return Place.waiting;
    return this.responsibility.owner(piece) === self ? Place.own : Place.waiting;
  }

  /** A claimed piece waits for nobody's backlog: its claim has a deadline of its own. */
  #ownerToWaitFor(piece: number): Owner {
    return this.#claimedBy[piece] === unclaimed ? this.responsibility.owner(piece) : self;
  }

  #count(owner: Owner, by: number): void {
    if (owner === self) return;
    const count = this.backlog(owner) + by;
    if (count > 0) this.#backlog.set(owner, count);
    else this.#backlog.delete(owner);
  }
}
