import { PieceMap } from '@sluice/protocol';
import { crowdSize } from './crowd.ts';
import type { OriginKind } from './events.ts';
import type { Flight, Flights } from './flights.ts';
import { Company, type Haste } from './haste.ts';
import { OriginPlan } from './origin-plan.ts';
import { PeerPlan } from './peer-plan.ts';
import type { PieceTable } from './piece-table.ts';
import type { Requests } from './requests.ts';
import { Rescuer } from './rescue.ts';
import { Round } from './round.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import {
  isMute,
  isReady,
  lateMs,
  type OriginState,
  type PeerState,
  type SourceState,
  silent,
} from './source-state.ts';
import type { Sources } from './sources.ts';

/**
 * A source that owes us pieces and sends nothing for so long is asked no more for a while. Origins
 * have time-outs of their own that say what is wrong; this one is for those that fail to keep them.
 */
const stallMs = { peer: 8_000, cache: 10_000, http: 25_000 };
/** A peer that choked us and sends nothing for so long had not begun the piece that we wait for, ms. */
const doubtMs = 1_000;
/** The same in a crowd on this site: who chokes us there sends what crossed the choke, and is busy. */
const crowdDoubtMs = 4_000;
/** Who is silent is looked for in this grain, ms. */
const lookMs = 100;
/** An origin whose last request ended so short a time ago is about to begin another, ms. */
const betweenMs = 100;
/** A request of ours that has come less far than this is dropped for another device's. */
const yieldBelow = 0.3;

/**
 * How long a choke is taken for a queue, not a refusal; how long a peer may be silent while it owes us
 * pieces before it does not count as bringing them, ms; and how long it must have been busy before
 * its rate is judged, s. On a busy site everybody is slow or silent for seconds.
 */
const patience = {
  alone: { chokePatience: 400, silencePatience: 400, judgeAfter: 0.25 },
  foreground: { chokePatience: 1_000, silencePatience: 2_000, judgeAfter: 0.5 },
  background: { chokePatience: 2_000, silencePatience: 5_000, judgeAfter: 2 },
};

/**
 * With more peers than anyone has upload slots at first, a choke is a queue, and it lasts the turn of those
 * served. Peers that together are slow are not waited for all the same.
 */
const crowdPatience = {
  alone: patience.alone,
  foreground: { ...patience.foreground, chokePatience: 5_000 },
  background: { ...patience.background, chokePatience: 10_000 },
};

/** Turns the state of the table and the sources into requests. */
export class Planner {
  readonly #options: SchedulerOptions;
  readonly #table: PieceTable;
  readonly #flights: Flights;
  readonly #sources: Sources;
  readonly #requests: Requests;
  readonly #origins: OriginPlan;
  readonly #peers: PeerPlan;
  readonly #allowed = { http: true, cache: true };
  #lookAt = 0;
  /** Pieces that were left to another device once. */
  readonly #yielded: PieceMap;
  readonly #company: Company;

  constructor(
    options: SchedulerOptions,
    table: PieceTable,
    flights: Flights,
    sources: Sources,
    requests: Requests,
  ) {
    this.#options = options;
    this.#table = table;
    this.#flights = flights;
    this.#sources = sources;
    this.#requests = requests;
    this.#yielded = new PieceMap(options.pieceCount);
    this.#company = new Company(options.foreground);
    const rescuer = new Rescuer(options, flights, sources, requests);
    this.#origins = new OriginPlan(options, table, requests, rescuer);
    this.#peers = new PeerPlan(options, table, flights, sources, requests, rescuer, this.#origins);
  }

  /** @returns when to look again, ms; Infinity when that is not known */
  plan(now: number): number {
    if (this.#table.have.complete) return Number.POSITIVE_INFINITY;
    if (now >= this.#lookAt || this.haste(now) === 'alone') {
      this.#lookAt = now + lookMs;
      this.#dropStalled(now);
    }
    const round = this.#round(now);
    this.#origins.plan(round);
    this.#peers.plan(round);
    this.#peers.count(now);
    this.#requests.tellRate(now);
    const settledAt = this.#origins.settledAt(round) ?? Number.POSITIVE_INFINITY;
    return Math.min(settledAt, this.#peers.lateAt(now));
  }

  /** See `Scheduler.isFull`. */
  get isFull(): boolean {
    return this.#peers.isFull;
  }

  /** What is not allowed is asked for nothing more; what it is bringing comes to its end. */
  setAllowed(allowed: boolean, kind?: OriginKind): void {
    for (const k of kind ? [kind] : (['http', 'cache'] as const)) this.#allowed[k] = allowed;
  }

  get httpAllowed(): boolean {
    return this.#allowed.http;
  }

  /** Whether somebody waits for the download from now on. @returns whether that is new. */
  setForeground(foreground: boolean): boolean {
    if (this.#company.foreground === foreground) return false;
    this.#company.foreground = foreground;
    // What was just not worth a look may be now.
    this.#lookAt = 0;
    this.#origins.lookAgain();
    return true;
  }

  haste(now: number): Haste {
    return this.#company.hasteAmong(this.#sources.peers, now);
  }

  /** See `Company.isOneOfMany`. */
  isOneOfMany(): void {
    this.#company.isOneOfMany();
  }

  /** @param late see `Company.decided` */
  decided(late: number, now: number): void {
    this.#company.decided(late, now);
  }

  received(source: SourceState, bytes: number, now: number): void {
    source.goodput.received(bytes, now);
    source.heardAt = now;
    source.headBytes += bytes;
    // What comes of a request that was cancelled is of no use.
    if (source.kind === 'peer' && source.pending > 0) this.#peers.goodput.received(bytes, now);
  }

  /** What one piece takes this device from HTTP or cache, ms; 0 if unknown. */
  ownPieceMs(now: number): number {
    let best = 0;
    for (const s of this.#sources.origins) {
      const rate = s.dead ? 0 : s.goodput.known(now);
      if (rate === 0) continue;
      const ms = (1000 * Math.max(1, s.fetches) * this.#options.pieceSize) / rate;
      if (best === 0 || ms < best) best = ms;
    }
    return best;
  }

  /**
   * Two devices fetch the same: they chose before they heard of each other. The one that comes
   * second for the pieces yields, unless it has come far.
   */
  yieldTo(peer: PeerState, now: number): void {
    for (const flight of this.#flights.all()) {
      const source = this.#sources.get(flight.source);
      if (!source || source.kind === 'peer' || flight.cancelled) continue;
      // It was begun because what the others do comes too late.
      if (flight.reason === 'hedge') continue;
      if (flight.pending.size < flight.pieces || this.#isFar(flight, source, now)) continue;
      if (this.#isTheirs(flight, peer)) this.#yield(flight);
    }
  }

  /** What this device yielded once and began again it has reason to fetch, and so may they: neither yields for ever. */
  #yield(flight: Flight): void {
    const pieces = flight.pending.list();
    if (pieces.some((p) => this.#yielded.has(p))) return;
    for (const p of pieces) this.#yielded.set(p);
    this.#requests.cancel(flight);
  }

  #isTheirs(flight: Flight, peer: PeerState): boolean {
    for (const p of flight.pending.list()) {
      if (!peer.claims.some(({ run }) => p >= run.first && p < run.first + run.count)) return false;
      if (this.#table.responsibility.selfOutranks(peer.id, p)) return false;
    }
    return flight.pending.size > 0;
  }

  #isFar(flight: Flight, source: SourceState, now: number): boolean {
    const pieces = flight.reason === 'stream' ? flight.pieces : 1;
    const rate = Math.max(1, source.goodput.rate(now));
    const expected = (1000 * source.fetches * pieces * this.#options.pieceSize) / rate;
    return now - flight.startedAt > yieldBelow * expected;
  }

  #round(now: number): Round {
    const { peers } = this.#sources;
    const flow = this.#peers.flow(now);
    const { pieceSize } = this.#options;
    const haste = this.haste(now);
    const origins = this.#originsInOrder(now);
    let total = flow.rate + this.#requests.originRate(now);
    for (const o of origins) {
      if (o.fetches === 0 && now - o.endedAt < betweenMs) total += o.goodput.known(now);
    }
    const restMs = (1000 * this.#table.wanted.count * pieceSize) / Math.max(1, total);
    return new Round({
      now,
      pieceSize,
      origins,
      peers,
      flow,
      haste,
      foreground: this.#company.foreground,
      restMs,
      patience: (peers.length > crowdSize ? crowdPatience : patience)[haste],
      responsibility: this.#table.responsibility,
    });
  }

  /** Those that have not failed first, then the cache: it is nearer; of mirrors the one that brings most. */
  #originsInOrder(now: number): OriginState[] {
    const { origins } = this.#sources;
    const areAll = this.#allowed.http && this.#allowed.cache;
    if (areAll && origins.length < 2) return origins;
    const allowed = origins.filter((o) => this.#allowed[o.kind]);
    if (allowed.length < 2) return allowed;
    const rank = (o: OriginState) => 2 * Number(o.faults > 0) + Number(o.kind === 'http');
    const rate = (o: OriginState) => o.goodput.known(now);
    return allowed.sort((a, b) => rank(a) - rank(b) || rate(b) - rate(a));
  }

  #dropStalled(now: number): void {
    const isCrowd = this.#sources.peers.length > crowdSize;
    for (const s of this.#sources.all) {
      if (s.pending === 0) continue;
      const doubt = isCrowd && s.kind === 'peer' && s.sameSite ? crowdDoubtMs : doubtMs;
      if (s.kind === 'peer' && s.doubted && now - Math.max(s.heardAt, s.doubted.since) > doubt) {
        this.#requests.dropDoubted(s);
      }
      const isStalled = now - s.heardAt > stallMs[s.kind] || this.#isGivenAway(s, now);
      if (s.pending > 0 && isStalled) {
        this.#requests.cancelAll(s);
        this.#requests.fault(s, silent, now);
      }
    }
  }

  /** Another origin brings what this one takes and does not answer. */
  #isGivenAway(source: SourceState, now: number): boolean {
    if (!isMute(source, lateMs[this.haste(now)], now)) return false;
    const { origins } = this.#sources;
    return origins.some((o) => o !== source && isReady(o, now) && o.goodput.measured);
  }
}
