import { crowdSize, smallCrowd } from './crowd.ts';
import type { SourceId } from './events.ts';
import { take } from './lists.ts';
import { Since } from './since.ts';

export interface ChokerOptions {
  /** Peers served at once. */
  slots: number;
  /** How long a served peer may hold its slot while others wait, ms. */
  turnMs: number;
  /** Of this site: the caller tells by `asked` and `sentAll` what they do. */
  areNear?: boolean;
  /** A number in [0, 1): who of the near peers that wait is next. Without, who has waited longest. */
  random?: () => number;
  /** How many pieces a near peer has. */
  piecesOf?: (peer: SourceId) => number;
}

const nobody: readonly SourceId[] = [];
/** Of a crowd so many that wait are compared. */
const tries = 8;
/**
 * One of a crowd that is served and asks for nothing for so long gives its slot to one that waits, ms: a little more than
 * they take to ask. On a busy machine that is long, and what was asked a moment too late has to be asked again.
 */
const offer = { firstMs: 20, minMs: 3, maxMs: 1_000, times: 1.25, weight: 0.1, growth: 1.25 };

/**
 * Who is served, is no crowd and asks for nothing for so long gives its slot to one that waits, ms. It may be interested
 * still in what comes next, see `Interest`.
 */
const unusedMs = 300;

/** A request from this site that comes so long after a choke may have crossed it, and is served all the same, ms. */
export const crossingMs = 500;

/**
 * Whom to upload to: interested peers hold slots; when more are interested than there are slots,
 * those served longest give way in turn, so that everyone is served. Newcomers, who have nothing yet
 * to give to others, come before those who wait for more.
 *
 * Near peers answer at once, so a slot is an offer to them, and their turn is what they ask for before they have
 * got it all: a piece. What is asked is sent next then, and not asked of one that is busy while another is idle. A slot
 * that is free goes to one of them that has little, one whose turn has just ended to who has waited longest.
 */
export class Choker {
  readonly #turnMs: number;
  readonly #areNear: boolean;
  readonly #random: () => number;
  readonly #piecesOf: (peer: SourceId) => number;
  #slots: number;
  /** Peers near us beyond which turns are short. */
  #many = crowdSize;
  #offerMs = offer.firstMs;
  readonly #newcomers: SourceId[] = [];
  readonly #waiting: SourceId[] = [];
  /** In the order in which the slots were given, and when. */
  readonly #served = new Since();
  /** Near peers that are served and have nothing to get, and since when; −Infinity: their turn is over. */
  readonly #idle = new Since();
  /** Those who asked before they heard that their turn was over: they are served, too. */
  readonly #crossed: SourceId[] = [];

  constructor(options: ChokerOptions) {
    const { slots, turnMs, areNear = false, random = () => 0, piecesOf = () => 0 } = options;
    this.#slots = slots;
    this.#turnMs = turnMs;
    this.#areNear = areNear;
    this.#random = random;
    this.#piecesOf = piecesOf;
  }

  /**
   * From the next decision on; who has a slot too many gives it back.
   * @param areShort whether the way up is too busy to serve a small crowd at once
   */
  setSlots(slots: number, areShort = true): void {
    this.#slots = slots;
    this.#many = areShort ? crowdSize : smallCrowd;
  }

  /** @param isNewcomer it has no piece yet */
  setInterested(peer: SourceId, interested: boolean, isNewcomer = false): void {
    if (!interested) this.remove(peer);
    else if (!this.#served.has(peer) && !this.#crossed.includes(peer)) {
      take(this.#newcomers, peer);
      if (!this.#waiting.includes(peer)) (isNewcomer ? this.#newcomers : this.#waiting).push(peer);
    }
  }

  remove(peer: SourceId): void {
    this.#stopsWaiting(peer);
    this.#served.delete(peer);
    this.#idle.delete(peer);
    take(this.#crossed, peer);
  }

  /** A near peer asked for something. */
  asked(peer: SourceId, now: number): void {
    // Not to be unchoked meanwhile: it would ask for the same again.
    if (this.#stopsWaiting(peer)) {
      this.#crossed.push(peer);
      this.#offerMs = Math.min(offer.maxMs, offer.growth * this.#offerMs);
      return;
    }
    const since = this.#idle.get(peer) ?? Number.NEGATIVE_INFINITY;
    this.#idle.delete(peer);
    if (since === Number.NEGATIVE_INFINITY || !this.isCrowd) return;
    const wanted = offer.times * (now - since);
    this.#offerMs = Math.max(offer.minMs, this.#offerMs + offer.weight * (wanted - this.#offerMs));
  }

  /** A near peer got all that it asked for: the turn of one of a crowd is over. */
  sentAll(peer: SourceId, now: number): void {
    if (take(this.#crossed, peer)) this.#waiting.push(peer);
    else if (this.#areNear && this.#served.has(peer)) {
      this.#idle.set(peer, this.isCrowd ? Number.NEGATIVE_INFINITY : now);
    }
  }

  /** Peers that want to be served, with a slot or without. */
  get interested(): number {
    const unserved = this.#newcomers.length + this.#waiting.length + this.#crossed.length;
    return unserved + this.#served.size;
  }

  /** Whether many near peers want to be served: then turns are short. */
  get isCrowd(): boolean {
    return this.#areNear && this.interested > this.#many;
  }

  isServed(peer: SourceId): boolean {
    return this.#served.has(peer);
  }

  /** When to decide again even if nothing happens; undefined when nobody waits for what another does not take. */
  lookAt(now: number): number | undefined {
    const isContended = this.#idle.size > 0 && this.#newcomers.length + this.#waiting.length > 0;
    return isContended ? now + (this.isCrowd ? this.#offerMs : unusedMs) : undefined;
  }

  /** Gives out slots. @returns whom to unchoke and whom to choke now */
  decide(now: number): { unchoke: readonly SourceId[]; choke: readonly SourceId[] } {
    const slots = Math.max(0, this.#slots - this.#crossed.length);
    const waiting = this.#newcomers.length + this.#waiting.length;
    const wanted = Math.min(slots, waiting);
    const { isCrowd } = this;
    const lacking = wanted - (slots - this.#served.size);
    const choke = lacking > 0 ? this.#takeBack(now, lacking, wanted, isCrowd) : nobody;
    // By need only, all would give their slots to the same few.
    const byNeed = isCrowd && choke.length === 0;
    let unchoke = nobody;
    for (let free = slots - this.#served.size; free > 0 && unchoke.length < waiting; free--) {
      unchoke = [...unchoke, this.#next(now, byNeed)];
    }
    for (const peer of choke) this.#waiting.push(peer);
    return { unchoke, choke };
  }

  /**
   * Ends turns that are over, and more while more peers are served than there are slots: then more are lacking than
   * are wanted. @returns whose
   */
  #takeBack(now: number, lacking: number, wanted: number, isCrowd: boolean): readonly SourceId[] {
    let choke = nobody;
    const end = (peer: SourceId) => {
      this.#served.delete(peer);
      this.#idle.delete(peer);
      choke = [...choke, peer];
    };
    const isTooMany = () => lacking - choke.length > wanted;
    // Who has nothing to get loses nothing.
    for (let k = 0; k < this.#idle.size && choke.length < lacking; ) {
      const peer = this.#idle.keyAt(k);
      const idleMs = now - this.#idle.timeAt(k);
      // Of a crowd one at a time.
      const isUntaken = isCrowd
        ? choke.length === 0 && idleMs >= this.#offerMs
        : idleMs >= unusedMs;
      const isOver = isUntaken || now - this.#served.get(peer)! >= this.#turnMs;
      if (isOver || isTooMany()) end(peer);
      else k++;
    }
    while (this.#served.size > 0 && choke.length < lacking) {
      // Who comes behind got a slot later.
      if (!isTooMany() && now - this.#served.timeAt(0) < this.#turnMs) break;
      end(this.#served.keyAt(0));
    }
    return choke;
  }

  #next(now: number, byNeed: boolean): SourceId {
    const from = this.#newcomers.length > 0 ? this.#newcomers : this.#waiting;
    const next = byNeed ? this.#neediest(from) : from[0]!;
    take(from, next);
    this.#served.set(next, now);
    if (this.#areNear) this.#idle.set(next, now);
    return next;
  }

  /** Of some by chance, so that not all send to the same, the one that has least: what is here is of most use to it. */
  #neediest(among: readonly SourceId[]): SourceId {
    let best = among[0]!;
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < tries; k++) {
      const peer = among[Math.floor(this.#random() * among.length)]!;
      const pieces = this.#piecesOf(peer);
      if (pieces >= least) continue;
      best = peer;
      least = pieces;
    }
    return best;
  }

  /** @returns whether it did wait. */
  #stopsWaiting(peer: SourceId): boolean {
    return take(this.#newcomers, peer) || take(this.#waiting, peer);
  }
}
