import { OwnRuns } from './own-runs.ts';
import type { PieceTable } from './piece-table.ts';
import type { Requests } from './requests.ts';
import type { Helper, Rescuer } from './rescue.ts';
import type { Round } from './round.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import { isDoubtful, isReady, lateMs, type OriginState } from './source-state.ts';
import { findLate } from './take-over.ts';

/** More requests at once only while a piece takes less than this, s: on a thin line they only delay each other. */
const maxPieceSeconds = 2;
/** Pieces looked at when searching one to fetch although peers have it. */
const maxProbes = 16;
/** Between two looks for what others should bring, when there was none, ms. */
const lookMs = 100;
/** A device that just got a piece leaves others the time to say what they do next, ms. */
const settleMs = 100;
/** What others should do is done here when nothing at all came for so long, ms … */
const outOfTurnMs = 3_000;
/** … and for so many times what a piece takes. */
const outOfTurnPieces = 3;
/** What HTTP is taken to bring before it was measured, bytes/s (ForegroundQosBps, wire.md §3.3). */
const foregroundQos = 6_710_886;
/** The same in the background, and what peers must bring to be enough (BackgroundQosBps). */
const defaultBackgroundQos = 2_621_440;
/** Peers must be so much slower than HTTP, and so many ms, before HTTP helps out. */
const slack = {
  alone: { factor: 1.05, ms: 250 },
  foreground: { factor: 1.25, ms: 2_000 },
  background: { factor: 4, ms: 8_000 },
  /** In the background, when peers are below the least rate that is enough. */
  poor: { factor: 1.25, ms: 4_000 },
};
/** Who would have so many times from HTTP what peers together bring does not leave it to another to fetch for all. */
const apart = 2;
/** A cache that HTTP outruns by so much does not do. */
const clearlyFaster = 3;
/** What the cache brings by itself within so long is left to it, ms. */
const cacheAloneMs = { alone: 600, foreground: 1_000, background: 5_000 };
/** HTTP waits so long for the first byte of a cache that nothing is known of, ms. */
const unprovenMs = { alone: 150, foreground: 300, background: 300 };
/** Peers together are not judged before they had so long, ms: a fleet that starts at once is slow at first. */
const judgeAfterMs = { alone: 300, foreground: 1_500, background: 4_000 };
/** Who is alone has HTTP begin when they look slow after so long, with a piece: at worst it is for nothing, ms. */
const firstHelpMs = 100;
/** What has only failed is not tried while others bring all the rest within so many times what it may be silent. */
const lastTrial = 2;

/** Chooses what to ask of HTTP and the cache. */
export class OriginPlan {
  readonly #options: SchedulerOptions;
  readonly #table: PieceTable;
  readonly #requests: Requests;
  readonly #rescuer: Rescuer;
  readonly #ownRuns: OwnRuns;
  #lookAt = 0;
  /** A look was put off to `#lookAt`. */
  #isDue = false;

  constructor(options: SchedulerOptions, table: PieceTable, requests: Requests, rescuer: Rescuer) {
    this.#options = options;
    this.#table = table;
    this.#requests = requests;
    this.#rescuer = rescuer;
    this.#ownRuns = new OwnRuns(table, options);
  }

  get #backgroundQos(): number {
    return this.#options.backgroundQos?.() ?? defaultBackgroundQos;
  }

  /** Of HTTP that was not measured yet, bytes/s. */
  #expectedRate({ foreground }: Round): number {
    return foreground ? foregroundQos : this.#backgroundQos;
  }

  /** Others are looked at with the next plan, however short the last look is ago. */
  lookAgain(): void {
    this.#lookAt = 0;
  }

  plan(round: Round): void {
    this.#isDue = false;
    if (this.#peersSuffice(round)) return;
    const looks = round.haste === 'alone' || this.#looks(round);
    for (const origin of round.origins) {
      if (this.#isLastOfAll(origin, round)) continue;
      while (isReady(origin, round.now) && origin.fetches < this.#maxFetches(origin, round.now)) {
        const began = origin.sequential
          ? this.#stream(origin, round)
          : this.#own(origin, round) || (looks && this.#others(origin, round));
        if (!began) break;
      }
    }
  }

  /**
   * Minimum background QoS (policies.md §8): while peers together bring that much, HTTP and cache have
   * a break; below it, or when peers have nothing more to bring, they go on. Not where devices of the
   * site count on this one: what nobody has must come from outside, and they would wait for it, too.
   */
  #peersSuffice({ flow, foreground }: Round): boolean {
    if (foreground || flow.pending === 0) return false;
    return this.#table.responsibility.isAlone && flow.rate >= this.#backgroundQos;
  }

  /** What it holds when it fails again is waited for in the end; others of the site would bring that soon. */
  #isLastOfAll(origin: OriginState, { haste, restMs }: Round): boolean {
    return (
      this.#table.responsibility.isAlone && isDoubtful(origin) && restMs < lastTrial * lateMs[haste]
    );
  }

  /** Whether the piece should come from HTTP, to here or to another device first, although peers have it. */
  isForHttp(piece: number, round: Round): boolean {
    const origin = round.origins.find((o) => isReady(o, round.now) && !o.sequential);
    if (!origin) return false;
    return this.#areSlow(origin, round) || this.#isSlow(origin, piece, round);
  }

  /** When a device that is idle may take over what others leave; undefined when it waits for nothing. */
  settledAt(round: Round): number | undefined {
    if (this.#table.own.count > 0) return undefined;
    const at = this.#isDue ? this.#lookAt : undefined;
    if (this.#table.waiting.count === 0) return at;
    let settled = Number.POSITIVE_INFINITY;
    for (const { endedAt } of round.origins) {
      if (endedAt + settleMs > round.now) settled = Math.min(settled, endedAt + settleMs);
    }
    return settled < Number.POSITIVE_INFINITY ? settled : at;
  }

  /** The site's devices together open as many requests as one alone would; more when pieces come fast. */
  #maxFetches(origin: OriginState, now: number): number {
    // It must not hold many pieces when it is tried again.
    if (origin.sequential || isDoubtful(origin)) return 1;
    const { candidateCount, isCrowded } = this.#table.responsibility;
    // The pieces of one request come one after the other, those of two at the same time, and later: all the others
    // wait for something to pass on. The line is kept busy by the others who fetch.
    if (isCrowded) return 1;
    const share = Math.ceil(origin.maxFetches / candidateCount);
    const pieces = origin.goodput.rate(now) / this.#options.pieceSize;
    const enough = Math.ceil(pieces * maxPieceSeconds);
    return Math.min(origin.maxFetches, Math.max(share, enough));
  }

  /** What one more piece should take from this origin, ms. */
  #pieceMs(origin: OriginState, round: Round): number {
    const rate = origin.goodput.known(round.now) || this.#expectedRate(round);
    return (1000 * (origin.fetches + 1) * this.#options.pieceSize) / rate;
  }

  #own(origin: OriginState, round: Round): boolean {
    if (this.#table.own.count === 0 || this.#cacheSuffices(origin, round)) return false;
    this.#requests.start(origin, this.#ownRuns.next(origin, round), 'responsible', round.now);
    return true;
  }

  /** With a cache at work, HTTP waits until it is clear that the cache alone would take long. */
  #cacheSuffices(origin: OriginState, { origins, haste, foreground, now }: Round): boolean {
    if (origin.kind !== 'http') return false;
    const cache = origins.find((o) => o.kind === 'cache' && isReady(o, now) && o.faults === 0);
    if (!cache) return false;
    // One request has the line to itself within a moment: more that begin beside it then cost it packets.
    if (origin.fetches > 0 && origin.goodput.known(now) === 0) return true;
    // Nobody is measured yet: one request each tells.
    if (!cache.goodput.measured) {
      const isPatient = cache.pending === 0 || now - cache.heardAt < unprovenMs[haste];
      return isPatient && (origin.goodput.measured || origin.fetches > 0);
    }
    if (origin.goodput.known(now) > clearlyFaster * cache.goodput.rate(now)) return false;
    const bytes = this.#table.own.count * this.#options.pieceSize;
    // A cache that is no slower than HTTP makes nothing worse, however long it takes.
    const isSlower = origin.goodput.known(now) > cache.goodput.rate(now);
    const calm = foreground ? 'foreground' : 'background';
    return (1000 * bytes) / cache.goodput.rate(now) < cacheAloneMs[isSlower ? haste : calm];
  }

  /** Whether to look for what others should bring: when that was not just done, or a request has ended. */
  #looks({ now, origins }: Round): boolean {
    const isFree = origins.some((o) => o.endedAt > this.#lookAt - lookMs);
    this.#isDue = now < this.#lookAt && !isFree;
    if (this.#isDue) return false;
    this.#lookAt = now + lookMs;
    return true;
  }

  /** A piece that is another's to fetch, or that peers have, but late. @returns whether one was begun */
  #others(origin: OriginState, round: Round): boolean {
    if (this.#table.own.count > 0) return false;
    const began =
      this.#takeOver(origin, round) ||
      // Who is alone has all the line for what nobody is at; what is under way can wait for that.
      (round.haste === 'alone' && this.#floor(origin, round)) ||
      this.#rescuer.rescue(this.#helper(origin, round), round) ||
      this.#floor(origin, round);
    if (began) this.#lookAt = round.now;
    return began;
  }

  #helper(source: OriginState, round: Round): Helper {
    const outpacesPeers = this.#areSlow(source, round);
    return { source, pieceMs: this.#pieceMs(source, round), outpacesPeers };
  }

  #takeOver(origin: OriginState, round: Round): boolean {
    const { now, peers, foreground } = round;
    // Side by side requests end side by side: others are about to choose, too.
    if (now - origin.endedAt < settleMs) return false;
    const mine = { ms: this.#pieceMs(origin, round), measured: origin.goodput.known(now) > 0 };
    const late = findLate(peers, this.#table, mine, now, { ...this.#options, foreground });
    if (!late) return false;
    const weighed = { ownMs: mine.ms, otherMs: late.ms };
    this.#requests.start(origin, { first: late.piece, count: 1 }, 'takeOver', now, weighed);
    return true;
  }

  #floor(origin: OriginState, round: Round): boolean {
    const piece = this.#findSlow(origin, round);
    if (piece < 0) return false;
    const weighed = { ownMs: this.#pieceMs(origin, round), otherMs: round.soonest(piece) };
    this.#requests.start(origin, { first: piece, count: 1 }, 'floor', round.now, weighed);
    return true;
  }

  /** A source without ranges brings everything or nothing. */
  #stream(origin: OriginState, round: Round): boolean {
    const { own } = this.#table;
    if (own.count > 0 ? this.#cacheSuffices(origin, round) : this.#findSlow(origin, round) < 0) {
      return false;
    }
    const whole = { first: 0, count: this.#options.pieceCount };
    this.#requests.start(origin, whole, 'stream', round.now);
    return true;
  }

  /**
   * A piece that HTTP should fetch although peers have it. Those who lack it divide this work as
   * they do that of pieces nobody has.
   */
  #findSlow(origin: OriginState, round: Round): number {
    if (this.#table.availableCount === 0) return -1;
    const all = this.#areSlow(origin, round);
    if (!all && round.latest <= this.#slowMs(origin, round)) return -1;
    const isForAll = all && this.#isForAll(origin, round);
    let overdue = -1;
    const found = this.#table.rarity.find(this.#options.random(), maxProbes, (piece) => {
      if (this.#table.claimant(piece) !== undefined) return false;
      if (!all && !this.#isSlow(origin, piece, round)) return false;
      if (isForAll || round.leads(piece)) return true;
      overdue = piece;
      return false;
    });
    if (found >= 0 || overdue < 0) return found;
    const patience = Math.max(outOfTurnMs, outOfTurnPieces * this.#pieceMs(origin, round));
    return this.#table.quietMs(round.now) > patience ? overdue : -1;
  }

  /**
   * Whether those who have the piece do not send it, or take clearly longer than HTTP. With
   * `#areSlow` this keeps the first promise: never slower than a plain download.
   */
  #isSlow(origin: OriginState, piece: number, round: Round): boolean {
    return round.soonest(piece) > this.#slowMs(origin, round);
  }

  /** Whether each device of the site had better fetch for itself: what one fetches for all is passed on far more slowly. */
  #isForAll(origin: OriginState, round: Round): boolean {
    const mine = round.shareOfLine(origin.fetches > 0) * origin.goodput.known(round.now);
    return apart * this.#judged(origin, round) < mine;
  }

  #slowMs(origin: OriginState, round: Round): number {
    const { factor, ms } = slack[round.haste];
    return factor * this.#pieceMs(origin, round) + ms;
  }

  /** What peers together bring, bytes/s, once it is time to judge by it; else 0. */
  #judged(origin: OriginState, { flow, haste }: Round): number {
    if (flow.askedMs >= judgeAfterMs[haste]) return flow.rate;
    const mayHelp = haste === 'alone' && origin.fetches === 0 && flow.askedMs >= firstHelpMs;
    return mayHelp ? flow.firstRate : 0;
  }

  /** Whether peers together are clearly slower at what they have than HTTP would be. */
  #areSlow(origin: OriginState, round: Round): boolean {
    const { flow, haste, now } = round;
    const rate = this.#judged(origin, round);
    if (rate <= 0 || isDoubtful(origin)) return false;
    const http = origin.goodput.known(now) || this.#expectedRate(round);
    const bytes = (this.#table.availableCount + flow.pending) * this.#options.pieceSize;
    const isPoor = haste === 'background' && rate < this.#backgroundQos;
    const { factor, ms } = slack[isPoor ? 'poor' : haste];
    return (1000 * bytes) / rate > (factor * 1000 * bytes) / http + ms;
  }
}
