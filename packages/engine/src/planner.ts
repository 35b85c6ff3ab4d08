import type { PieceRun } from '@sluice/protocol';
import type { Action, FetchId, Reason, SourceId } from './events.ts';
import type { Flight, Flights } from './flights.ts';
import { findHedge, hedgeBudget } from './hedge.ts';
import { floorIsDue, lateOwner } from './patience.ts';
import type { PieceTable } from './piece-table.ts';
import type { SchedulerOptions } from './scheduler.ts';
import {
  isReady,
  noteFault,
  type OriginState,
  type PeerState,
  type SourceState,
} from './source-state.ts';

/** Pieces in one HTTP request, at most. */
const maxRun = 32;
/** What a peer may have queued for us: enough for the bandwidth-delay product, not more. */
const pipelineSeconds = 0.25;
const minPipeline = 2;
const maxPipeline = 16;
/**
 * A source that owes us pieces and sends nothing for so long is asked no more for a while. Origins
 * have time-outs of their own that say what is wrong; this one is for those that fail to keep them.
 */
const stallMs = { peer: 4_000, cache: 10_000, http: 25_000 };
/** Waiting pieces looked at when searching one to take over. */
const maxProbes = 64;

/** Turns the state of the table and the sources into requests. */
export class Planner {
  originAllowed = true;
  readonly reasons: Record<Reason, number> = {
    peer: 0,
    responsible: 0,
    takeOver: 0,
    floor: 0,
    hedge: 0,
    stream: 0,
  };
  readonly #options: SchedulerOptions;
  readonly #table: PieceTable;
  readonly #flights: Flights;
  readonly #sources: Map<SourceId, SourceState>;
  readonly #act: (action: Action) => void;
  #nextFetch: FetchId = 1;
  #cursor = 0;
  #turn = 0;
  #hedged = 0;
  /** Since when peers have wanted pieces and none of them sends any. */
  #starvedSince: number | undefined;

  constructor(
    options: SchedulerOptions,
    table: PieceTable,
    flights: Flights,
    sources: Map<SourceId, SourceState>,
    act: (action: Action) => void,
  ) {
    this.#options = options;
    this.#table = table;
    this.#flights = flights;
    this.#sources = sources;
    this.#act = act;
  }

  plan(now: number): void {
    if (this.#table.have.complete) return;
    const origins: OriginState[] = [];
    const peers: PeerState[] = [];
    for (const s of this.#sources.values()) {
      if (s.kind === 'peer') peers.push(s);
      else origins.push(s);
    }
    // The cache first: it is nearer.
    origins.sort((a, b) => Number(a.kind === 'http') - Number(b.kind === 'http'));
    this.#dropStalled(now);
    if (this.originAllowed) this.#planOrigins(origins, peers, now);
    this.#planPeers(peers, now);
    if (this.#table.wanted.count === 0) this.#planHedge([...peers, ...origins], now);
  }

  /** Gives the pieces of a flight back and asks the caller to end it. */
  cancel(flight: Flight): void {
    if (flight.cancelled) return;
    flight.cancelled = true;
    const source = this.#sources.get(flight.source);
    if (source) source.pending -= flight.pending.size;
    for (const piece of [...flight.pending]) {
      if (this.#flights.drop(flight, piece)) this.#table.want(piece);
    }
    this.#act({ type: 'cancel', fetch: flight.id });
  }

  #dropStalled(now: number): void {
    for (const source of this.#sources.values()) {
      if (source.pending === 0 || now - source.heardAt < stallMs[source.kind]) continue;
      for (const f of [...this.#flights.all()]) if (f.source === source.id) this.cancel(f);
      noteFault(source, { retryable: true }, now, this.#options.random());
    }
  }

  #planOrigins(origins: OriginState[], peers: PeerState[], now: number): void {
    const sequential = origins.some((o) => o.sequential);
    for (const origin of origins) {
      if (!isReady(origin, now)) continue;
      const maxFetches = sequential ? 1 : origin.maxFetches;
      while (origin.fetches < maxFetches) {
        const next = this.#nextForOrigin(origin, origins, peers, now);
        if (!next) break;
        this.#start(origin, next.run, next.reason, now);
      }
    }
  }

  #nextForOrigin(
    origin: OriginState,
    origins: OriginState[],
    peers: PeerState[],
    now: number,
  ): { run: PieceRun; reason: Reason } | undefined {
    const table = this.#table;
    if (table.own.count > 0) {
      if (this.#cacheSuffices(origin, origins, now)) return undefined;
      if (origin.sequential) {
        return { run: { first: 0, count: this.#options.pieceCount }, reason: 'stream' };
      }
      return { run: this.#nextOwnRun(origin, now), reason: 'responsible' };
    }
    if (origin.sequential) return undefined;
    const late = lateOwner(peers, table, this.#pieceMs(origin, now), this.#options.pieceSize);
    if (late) {
      const from = Math.floor(this.#options.random() * this.#options.pieceCount);
      const piece = table.findNextInLine(late.id, from, maxProbes);
      if (piece >= 0) return { run: { first: piece, count: 1 }, reason: 'takeOver' };
    }
    const starvedMs = this.#starvedSince === undefined ? 0 : now - this.#starvedSince;
    if (floorIsDue(origin, peers, table, starvedMs, this.#options, now)) {
      const piece = table.rarity.pick(undefined, this.#options.random());
      if (piece >= 0) return { run: { first: piece, count: 1 }, reason: 'floor' };
    }
    return undefined;
  }

  /** With a cache at work, HTTP waits until it is clear that the cache alone would take long. */
  #cacheSuffices(origin: OriginState, origins: OriginState[], now: number): boolean {
    if (origin.kind !== 'http') return false;
    const cache = origins.find((o) => o.kind === 'cache' && isReady(o, now) && o.faults === 0);
    if (!cache) return false;
    // Nobody is measured yet: one request each tells.
    if (!cache.goodput.measured) return origin.goodput.measured || origin.fetches > 0;
    const bytes = this.#table.own.count * this.#options.pieceSize;
    return bytes / cache.goodput.rate(now) < (this.#options.foreground ? 1 : 5);
  }

  /** A run of own pieces: about a second long, and never so much that the other requests starve. */
  #nextOwnRun(origin: OriginState, now: number): PieceRun {
    const { own } = this.#table;
    let first = own.nextSet(this.#cursor);
    if (first < 0) first = own.nextSet(0);
    const perFetch = origin.goodput.rate(now) / Math.max(1, origin.fetches);
    const fair = own.count / (2 * origin.maxFetches);
    const limit = Math.max(1, Math.min(maxRun, fair, perFetch / this.#options.pieceSize));
    let count = 1;
    while (count + 1 <= limit && own.has(first + count)) count++;
    this.#cursor = first + count;
    return { first, count };
  }

  #planPeers(peers: PeerState[], now: number): void {
    // One piece each in turn, so that no peer takes all the rare ones.
    const able = peers.filter((p) => !p.choked && p.useful > 0 && isReady(p, now));
    let progress = this.#table.availableCount > 0;
    while (progress) {
      progress = false;
      for (let k = 0; k < able.length; k++) {
        const peer = able[(k + this.#turn) % able.length]!;
        if (peer.pending >= this.#pipeline(peer, now)) continue;
        const piece = this.#pickFor(peer);
        if (piece < 0) continue;
        this.#start(peer, { first: piece, count: 1 }, 'peer', now);
        progress = true;
      }
    }
    this.#turn++;
    const sending = peers.some((p) => p.pending > 0);
    if (this.#table.availableCount === 0 || sending) this.#starvedSince = undefined;
    else this.#starvedSince ??= now;
  }

  #pickFor(peer: PeerState): number {
    const { rarity, wanted } = this.#table;
    const random = this.#options.random();
    const piece = rarity.pick(peer.has, random);
    if (piece >= 0 || this.#table.availableCount === 0) return piece;
    const from = Math.floor(random * this.#options.pieceCount);
    const found = wanted.firstInBoth(peer.has, from);
    return found >= 0 ? found : wanted.firstInBoth(peer.has, 0);
  }

  #pipeline(peer: PeerState, now: number): number {
    const pieces = (peer.goodput.rate(now) * pipelineSeconds) / this.#options.pieceSize;
    return Math.min(maxPipeline, Math.max(minPipeline, Math.ceil(pieces) + 1));
  }

  #planHedge(sources: SourceState[], now: number): void {
    const { pieceCount } = this.#options;
    if (this.#hedged >= hedgeBudget(pieceCount)) return;
    const idle = sources.filter((s) => s.pending === 0 && s.fetches === 0 && isReady(s, now));
    for (const source of idle) {
      if (source.kind === 'peer' ? source.choked : !this.originAllowed || source.sequential)
        continue;
      const piece = findHedge(source, this.#flights, this.#sources, this.#options.pieceSize, now);
      if (piece < 0) continue;
      this.#hedged++;
      this.#start(source, { first: piece, count: 1 }, 'hedge', now);
      return;
    }
  }

  #start(source: SourceState, run: PieceRun, reason: Reason, now: number): void {
    const pending = new Set<number>();
    for (let p = run.first; p < run.first + run.count; p++) {
      if (this.#table.have.has(p)) continue;
      if (reason !== 'hedge' && !this.#table.wanted.has(p)) continue;
      pending.add(p);
      this.#table.unwant(p);
    }
    if (source.pending === 0) source.heardAt = now;
    source.fetches++;
    source.pending += pending.size;
    source.goodput.setBusy(true, now);
    this.reasons[reason] += pending.size;
    const fetch = this.#nextFetch++;
    this.#flights.add({
      id: fetch,
      source: source.id,
      run,
      reason,
      pending,
      startedAt: now,
      cancelled: false,
    });
    this.#act({ type: 'fetch', fetch, source: source.id, run, reason });
    if (source.kind !== 'peer') {
      this.#act({ type: 'claim', runs: [run], rate: source.goodput.rate(now) });
    }
  }

  #pieceMs(source: SourceState, now: number): number {
    const rate = source.goodput.rate(now);
    return rate > 0 ? (1000 * this.#options.pieceSize) / rate : 0;
  }
}
