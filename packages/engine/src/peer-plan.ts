import { crowdAhead, crowdGrowth, crowdSize } from './crowd.ts';
import { Elsewhere } from './elsewhere.ts';
import type { Flights } from './flights.ts';
import { Goodput } from './goodput.ts';
import type { OriginPlan } from './origin-plan.ts';
import type { PieceTable } from './piece-table.ts';
import type { Requests } from './requests.ts';
import type { Rescuer } from './rescue.ts';
import type { PeerFlow, Round } from './round.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import { isReady, type PeerState } from './source-state.ts';
import type { Sources } from './sources.ts';

/** What a peer may have queued for us: enough for the bandwidth-delay product, not more. */
const pipelineSeconds = 0.25;
const minPipeline = 2;
const maxPipeline = 16;
/** How deep a queue may be is computed in this grain, ms. */
const pipelineMs = 100;
/** Between two looks at what is late, ms: nothing is that has not been waited for so long. */
const lookMs = 50;
/** What they bring together says something after so long, s. */
const firstSeconds = 0.1;
/** A peer is slow for a piece when that comes after so many times all the rest, and so many ms, … */
const slack = {
  alone: { factor: 1.05, ms: 250 },
  foreground: { factor: 1.5, ms: 1_000 },
  background: { factor: 1.5, ms: 1_000 },
};
/** … and somebody else would bring it in so small a part of the time. */
const clearlySooner = 0.5;

/**
 * Of a crowd on this site only so many pieces are asked ahead, or as many as come in so long. Everybody there has
 * as fast a way up as down: what waits at a busy device is not asked of an idle one, and the more wait, the more
 * are idle. Who has nothing asks for one, and for one more with each that it has: the few copies that there are at
 * first go to as many devices as possible. What has not come for so long waits for a slow device, and does not count.
 */
const crowd = { seconds: 0.02, lateMs: 1_000 };

/** Chooses what to ask of peers: the rarest first, of each in turn. */
export class PeerPlan {
  /** Of all peers together. */
  readonly goodput = new Goodput();
  readonly #options: SchedulerOptions;
  readonly #table: PieceTable;
  readonly #flights: Flights;
  readonly #sources: Sources;
  readonly #requests: Requests;
  readonly #rescuer: Rescuer;
  readonly #origins: OriginPlan;
  readonly #elsewhere: Elsewhere;
  #turn = 0;
  /** How many pieces peers of this site may be asked for in this plan. */
  #room = Number.POSITIVE_INFINITY;
  #lookAt = 0;
  #sortedAt = Number.NEGATIVE_INFINITY;
  /** Those that can be asked, and those that have nothing to do, when they were last looked at. */
  readonly #able: PeerState[] = [];
  readonly #idle: PeerState[] = [];
  /** When peers were first asked for anything. */
  #askedAt: number | undefined;

  constructor(
    options: SchedulerOptions,
    table: PieceTable,
    flights: Flights,
    sources: Sources,
    requests: Requests,
    rescuer: Rescuer,
    origins: OriginPlan,
  ) {
    this.#options = options;
    this.#table = table;
    this.#flights = flights;
    this.#sources = sources;
    this.#requests = requests;
    this.#rescuer = rescuer;
    this.#origins = origins;
    this.#elsewhere = new Elsewhere(table, flights, options.random);
  }

  plan(round: Round): void {
    this.#room = this.#roomOnSite(round);
    if (this.#isBusy(round)) return;
    this.#sort(round);
    // One piece each in turn, so that no peer takes all the rare ones.
    let able = this.#inTurn();
    while (able.length > 0) able = able.filter((peer) => this.#ask(peer, round));
    if (this.#idle.length > 0 && (round.haste === 'alone' || round.now >= this.#lookAt)) {
      this.#rescue(round);
    }
  }

  get #isCrowd(): boolean {
    return this.#sources.neighbours > crowdSize;
  }

  /** See `Scheduler.isFull`. */
  get isFull(): boolean {
    return this.#room <= 0 && this.#sources.neighbours === this.#sources.peers.length;
  }

  /** When somebody may be asked for more even if nothing comes, as what is waited for is late then; else Infinity. */
  lateAt(now: number): number {
    const first = this.isFull ? this.#flights.firstOfSite(now - crowd.lateMs) : undefined;
    return first === undefined ? Number.POSITIVE_INFINITY : first + crowd.lateMs;
  }

  /** Whether nothing is to be asked of anybody: not for what is late, either, as that was just looked at. */
  #isBusy({ now, haste }: Round): boolean {
    return this.isFull && haste !== 'alone' && now < this.#sortedAt + lookMs;
  }

  /** How many pieces may be asked of this site's devices now. */
  #roomOnSite({ flow, now }: Round): number {
    if (!this.#isCrowd) return Number.POSITIVE_INFINITY;
    const coming = Math.ceil((flow.rate * crowd.seconds) / this.#options.pieceSize);
    const most = crowdAhead + crowdGrowth(this.#table.have.count);
    const ahead = Math.max(Math.min(most, 1 + this.#table.have.count), coming);
    return ahead - this.#flights.askedOfSite(now - crowd.lateMs, ahead);
  }

  /** Those that can be asked, each time from another one on. */
  #inTurn(): PeerState[] {
    const able = this.#able;
    if (able.length === 0) return able;
    const first = this.#turn++ % able.length;
    return [...able.slice(first), ...able.slice(0, first)];
  }

  #sort(round: Round): void {
    this.#sortedAt = round.now;
    this.#able.length = 0;
    this.#idle.length = 0;
    for (const peer of this.#sources.unchoked) {
      if (!isReady(peer, round.now)) continue;
      if (peer.has.open === 0) {
        peer.has.setFull(false);
        if (peer.pending === 0) this.#idle.push(peer);
      } else if (this.#hasRoom(peer, round.now)) this.#able.push(peer);
    }
  }

  #hasRoom(peer: PeerState, now: number): boolean {
    const isFull = peer.pending >= this.#pipeline(peer, now);
    peer.has.setFull(isFull);
    return !isFull;
  }

  /** Lets those who have nothing else to do bring what is late. */
  #rescue(round: Round): void {
    this.#lookAt = round.now + lookMs;
    for (const peer of this.#idle) {
      // Who failed us may take anything, and send nothing.
      if (peer.faults > 0) continue;
      const rate = peer.goodput.rate(round.now);
      const pieceMs = rate > 0 ? (1000 * this.#options.pieceSize) / rate : 0;
      if (this.#rescuer.rescue({ source: peer, pieceMs }, round)) this.#lookAt = round.now;
    }
  }

  /** Notes whether they are asked for anything. @returns for how many pieces */
  count(now: number): number {
    const pending = this.#flights.peerPending;
    this.goodput.setBusy(pending > 0, now);
    if (pending > 0) this.#askedAt ??= now;
    return pending;
  }

  /** What they bring together. */
  flow(now: number): PeerFlow {
    const pending = this.count(now);
    const askedMs = this.#askedAt === undefined ? 0 : now - this.#askedAt;
    const firstRate = this.goodput.known(now, firstSeconds);
    return { rate: this.goodput.known(now), firstRate, pending, askedMs };
  }

  /** @returns whether the peer was asked for a piece. */
  #ask(peer: PeerState, round: Round): boolean {
    if (peer.has.open === 0 || !this.#hasRoom(peer, round.now)) return false;
    const isNear = peer.sameSite;
    if (isNear && this.#room <= 0) return false;
    const piece = this.#pickFor(peer, round);
    if (piece < 0 || this.#isTooSlow(peer, piece, round)) return false;
    if (isNear) this.#room--;
    this.#requests.start(peer, { first: piece, count: 1 }, 'peer', round.now);
    return true;
  }

  /** A piece begun at a slow peer shortly before the end would be all that is waited for. */
  #isTooSlow(peer: PeerState, piece: number, round: Round): boolean {
    const theirs = round.arrivalMs(peer);
    const { factor, ms } = slack[round.haste];
    if (theirs <= factor * round.restMs + ms) return false;
    const isSooner = this.#elsewhere.soonest(piece, round) < clearlySooner * theirs;
    return isSooner || this.#origins.isForHttp(piece, round);
  }

  #pickFor(peer: PeerState, round: Round): number {
    if (!peer.sameSite && this.#elsewhere.isShared) return this.#elsewhere.pieceFor(peer, round);
    const { rarity, wanted } = this.#table;
    const random = this.#options.random();
    const piece = rarity.pick(peer.has, random);
    if (piece >= 0) return piece;
    const from = Math.floor(random * this.#options.pieceCount);
    const found = peer.has.firstIn(wanted, from);
    return found >= 0 ? found : peer.has.firstIn(wanted, 0);
  }

  #pipeline(peer: PeerState, now: number): number {
    // Who failed us is tried with one piece.
    if (peer.faults > 0) return 1;
    // Of a crowd each is asked for what it sends next, and another for what that would have to wait for.
    if (peer.sameSite && this.#isCrowd) return 1;
    if (peer.pending < minPipeline || now < peer.pipelineAt + pipelineMs) return peer.pipeline;
    const pieces = (peer.goodput.rate(now) * pipelineSeconds) / this.#options.pieceSize;
    peer.pipelineAt = now;
    peer.pipeline = Math.min(maxPipeline, Math.max(minPipeline, Math.ceil(pieces) + 1));
    return peer.pipeline;
  }
}
