import type { PeerId, PieceMap, PieceRun } from '@sluice/protocol';
import type { Action, Fault, FetchId, Reason, SchedulerEvent, SourceId } from './events.ts';
import { type Flight, Flights } from './flights.ts';
import { PeerBook } from './peer-book.ts';
import { PieceTable } from './piece-table.ts';
import { Planner } from './planner.ts';
import { Responsibility } from './responsibility.ts';
import { maxBadPieces, noteFault, type SourceState, sourceState } from './source-state.ts';

export interface SchedulerOptions {
  pieceCount: number;
  /** Bytes. */
  pieceSize: number;
  /** What is here already. */
  have: PieceMap;
  self: PeerId;
  /** A number that all devices derive alike from the content. */
  salt: number;
  /** A number in [0, 1). */
  random: () => number;
  /** Foreground gives up on slow peers sooner. */
  foreground: boolean;
}

export interface Decision {
  actions: Action[];
  /** Call `decide` again by then, ms, even if nothing happens. */
  wakeAt: number;
}

/** Between decisions when nothing happens: deadlines are looked at in this grain. */
const tickMs = 500;
type SourceEvent = Exclude<
  SchedulerEvent,
  { fetch: FetchId } | { type: 'sourceAdded' | 'originAllowed' }
>;

/**
 * Decides which pieces come from where. It hears events (`handle`), then says what to do (`decide`);
 * it has no sockets, files, timers or randomness of its own and costs nothing per byte.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #table: PieceTable;
  readonly #flights = new Flights();
  readonly #sources = new Map<SourceId, SourceState>();
  readonly #peers: PeerBook;
  readonly #planner: Planner;
  #actions: Action[] = [];

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { pieceCount, salt, self } = options;
    this.#table = new PieceTable(options.have, new Responsibility(pieceCount, salt, self));
    const act = (action: Action) => this.#actions.push(action);
    this.#peers = new PeerBook(options, this.#table, act);
    this.#planner = new Planner(options, this.#table, this.#flights, this.#sources, act);
  }

  get complete(): boolean {
    return this.#table.have.complete;
  }

  /** How many pieces were asked for which reason. */
  get reasons(): Readonly<Record<Reason, number>> {
    return this.#planner.reasons;
  }

  /** Whether nobody connected can bring what is missing: no live origin, and no peer with a useful piece. */
  get stuck(): boolean {
    if (this.complete) return false;
    for (const s of this.#sources.values()) {
      if (!s.dead && (s.kind !== 'peer' || s.useful > 0)) return false;
    }
    return true;
  }

  /** What this device fetches from HTTP now, for a peer that has just come. */
  currentClaims(): PieceRun[] {
    const runs: PieceRun[] = [];
    for (const f of this.#flights.all()) {
      if (this.#sources.get(f.source)?.kind !== 'peer' && f.pending.size > 0) runs.push(f.run);
    }
    return runs;
  }

  /** Measured bytes/s of a source, 0 when unknown. */
  rate(source: SourceId, now: number): number {
    return this.#sources.get(source)?.goodput.rate(now) ?? 0;
  }

  handle(event: SchedulerEvent, now: number): void {
    switch (event.type) {
      case 'originAllowed':
        this.#planner.originAllowed = event.allowed;
        return;
      case 'sourceAdded':
        this.#addSource(sourceState(event.source, now));
        return;
      case 'pieceGood':
      case 'pieceBad':
      case 'fetchEnded':
        this.#onFetch(event, now);
        return;
      default: {
        const source = this.#sources.get(event.source);
        if (source) this.#onSource(source, event, now);
      }
    }
  }

  /** What to do after the events handled so far. */
  decide(now: number): Decision {
    this.#peers.expire(this.#sources.values(), now);
    this.#planner.plan(now);
    const actions = this.#actions;
    this.#actions = [];
    return { actions, wakeAt: now + tickMs };
  }

  #addSource(source: SourceState): void {
    this.#sources.set(source.id, source);
    if (source.kind === 'peer') this.#peers.add(source);
  }

  #onSource(source: SourceState, event: SourceEvent, now: number): void {
    if (event.type === 'sourceGone') {
      this.#removeSource(source);
    } else if (event.type === 'received') {
      source.goodput.received(event.bytes, now);
      source.heardAt = now;
    } else if (event.type === 'sourceSequential') {
      this.#makeSequential(source);
    } else if (source.kind === 'peer') {
      this.#peers.handle(source, event, now);
      if (event.type === 'choked' && event.choked) {
        // A choke drops the requests that wait at the peer (BitTorrent's rule): ask others.
        for (const f of this.#flightsOf(source)) this.#planner.cancel(f);
      }
    }
  }

  #makeSequential(source: SourceState): void {
    if (source.kind === 'peer' || source.sequential) return;
    source.sequential = true;
    this.#table.responsibility.makeWhole();
    this.#table.reclassifyWanted();
  }

  #onFetch(event: Extract<SchedulerEvent, { fetch: FetchId }>, now: number): void {
    const flight = this.#flights.get(event.fetch);
    const source = flight && this.#sources.get(flight.source);
    if (!flight || !source) return;
    if (event.type === 'pieceGood') {
      source.faults = 0;
      this.#land(flight, source, event.piece);
    } else if (event.type === 'pieceBad') {
      this.#onBad(flight, source, event.piece);
    } else {
      this.#onEnded(flight, source, event.fault, now);
    }
  }

  #land(flight: Flight, source: SourceState, piece: number): void {
    if (flight.pending.has(piece)) source.pending--;
    this.#flights.drop(flight, piece);
    for (const other of this.#flights.of(piece)) {
      // The hedge is decided: a loser with nothing else to bring is cancelled.
      this.#sources.get(other.source)!.pending--;
      this.#flights.drop(other, piece);
      if (other.pending.size === 0) this.#planner.cancel(other);
    }
    if (!this.#table.got(piece)) return;
    this.#peers.landed(piece, this.#sources.values());
  }

  #onBad(flight: Flight, source: SourceState, piece: number): void {
    if (flight.pending.has(piece)) source.pending--;
    if (this.#flights.drop(flight, piece)) this.#table.want(piece);
    if (source.kind === 'peer') this.#peers.distrust(source, piece);
    if (++source.bad < maxBadPieces || source.dead) return;
    source.dead = true;
    this.#actions.push({ type: source.kind === 'peer' ? 'ban' : 'giveUp', source: source.id });
  }

  #onEnded(flight: Flight, source: SourceState, fault: Fault | undefined, now: number): void {
    source.fetches--;
    source.pending -= flight.pending.size;
    source.goodput.setBusy(source.fetches > 0, now);
    const orphans = this.#flights.end(flight);
    for (const p of orphans) this.#table.want(p);
    if (source.kind !== 'peer' && orphans.length > 0) {
      this.#actions.push({ type: 'release', runs: [flight.run] });
    }
    if (!fault || flight.cancelled) return;
    const wasDead = source.dead;
    noteFault(source, fault, now, this.#options.random());
    if (source.dead && !wasDead) this.#actions.push({ type: 'giveUp', source: source.id });
  }

  #removeSource(source: SourceState): void {
    for (const f of this.#flightsOf(source)) {
      for (const p of this.#flights.end(f)) this.#table.want(p);
    }
    this.#sources.delete(source.id);
    if (source.kind === 'peer') this.#peers.remove(source);
  }

  #flightsOf(source: SourceState): Flight[] {
    return [...this.#flights.all()].filter((f) => f.source === source.id);
  }
}
