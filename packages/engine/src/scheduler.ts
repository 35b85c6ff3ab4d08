import type { PieceRun } from '@sluice/protocol';
import type { Action, Fault, FetchId, OriginKind, SchedulerEvent, SourceEvent } from './events.ts';
import { type Flight, Flights } from './flights.ts';
import { idleMs, lookAgainAt } from './look-again.ts';
import { OwnShare } from './own-share.ts';
import { PeerBook } from './peer-book.ts';
import { PieceTable } from './piece-table.ts';
import { Planner } from './planner.ts';
import { Requests } from './requests.ts';
import { Responsibility } from './responsibility.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import { maxBadPieces, type SourceState, sourceState } from './source-state.ts';
import { Sources } from './sources.ts';
import { DecisionLog } from './why/decision-log.ts';
import { LatePieces } from './why/late-pieces.ts';
import { type SourceView, viewOf } from './why/source-view.ts';

export interface Decision {
  actions: Action[];
  /** Call `decide` again by then, ms, even if nothing happens. */
  wakeAt: number;
}

/**
 * Decides which pieces come from where. It hears events (`handle`), then says what to do (`decide`);
 * it has no sockets, files, timers or randomness of its own and costs nothing per byte.
 */
export class Scheduler {
  readonly log: DecisionLog;
  readonly #options: SchedulerOptions;
  readonly #table: PieceTable;
  readonly #flights: Flights;
  readonly #sources = new Sources();
  readonly #peers: PeerBook;
  readonly #requests: Requests;
  readonly #planner: Planner;
  readonly #share: OwnShare;
  readonly #late = new LatePieces();
  readonly #ownPieceMs = (now: number) => this.#planner.ownPieceMs(now);
  readonly #ownRate = (now: number) => this.#requests.originRate(now);
  readonly #siteRates = () => this.#peers.siteRates();
  #actions: Action[] = [];
  /** When the next decision was asked for. */
  #dueAt = Number.POSITIVE_INFINITY;

  constructor(options: SchedulerOptions) {
    const { pieceCount, salt, self, random, log = new DecisionLog() } = options;
    this.#options = options;
    this.log = log;
    const act = (action: Action) => this.#actions.push(action);
    const responsibility = new Responsibility(pieceCount, salt, self);
    this.#table = new PieceTable(options.have, responsibility);
    this.#flights = new Flights(pieceCount);
    this.#peers = new PeerBook(options, this.#table, act);
    this.#share = new OwnShare(this.#table, act);
    this.#requests = new Requests(log, random, this.#table, this.#flights, this.#sources, act);
    this.#planner = new Planner(options, this.#table, this.#flights, this.#sources, this.#requests);
  }

  get complete(): boolean {
    return this.#table.have.complete;
  }

  /** The sources there are, as they are now. */
  sources(now: number): SourceView[] {
    return this.#sources.all.map((s) => viewOf(s, now));
  }

  /** Whether nobody connected can bring what is missing: no live origin, and no peer with a useful piece. */
  get stuck(): boolean {
    const canHelp = (s: SourceState) => !s.dead && (s.kind !== 'peer' || s.has.useful > 0);
    return !this.complete && !this.#sources.all.some(canHelp);
  }

  /** What this device fetches from HTTP now, for a peer that has just come. */
  currentClaims(): PieceRun[] {
    return this.#requests.originRuns();
  }

  /** @returns whether there may be something to decide: when not, deciding can wait for what comes next. */
  handle(event: SchedulerEvent, now: number): boolean {
    if (event.type === 'peerHas') {
      const mayAsk = this.#peers.onHas(event.source, event.piece, now);
      return (mayAsk && !this.isFull) || this.#actions.length > 0;
    }
    this.#handle(event, now);
    if (event.type === 'choked') return !this.isFull || this.#actions.length > 0;
    return event.type !== 'received';
  }

  /** Whether nobody could be asked for more, whatever peers say, until something comes or is late. */
  get isFull(): boolean {
    return this.#planner.isFull;
  }

  #handle(event: Exclude<SchedulerEvent, { type: 'peerHas' }>, now: number): void {
    switch (event.type) {
      case 'originAllowed':
        this.#allowOrigin(event.allowed, event.kind, now);
        return;
      case 'selfShares':
        this.#table.reclassifyGroups(this.#table.responsibility.setSelfShares(event.shares));
        return;
      case 'handicapKnown':
        this.#share.known(event.handicap);
        return;
      case 'selfFetches':
        this.#peers.setFetches(event.fetches, now);
        if (!event.fetches) this.#planner.isOneOfMany();
        return;
      case 'priority':
        if (!this.#planner.setForeground(event.foreground)) return;
        this.log.note({ at: now, type: event.foreground ? 'toForeground' : 'toBackground' });
        return;
      case 'sourceAdded':
        this.#addSource(sourceState(event.source, now), now);
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
    this.#planner.decided(now - this.#dueAt, now);
    // While there is own work it does not matter how others get on.
    if (this.#table.own.count === 0) this.#peers.expire(now, this.#ownPieceMs);
    this.#share.look(now, this.#ownRate, this.#siteRates);
    const next = this.#planner.plan(now);
    this.#peers.settle(now);
    const actions = this.#actions;
    this.#actions = [];
    const isHasty = this.#sources.peers.length > 0 && this.#planner.haste(now) === 'alone';
    const lookAt = this.complete ? now + idleMs : lookAgainAt(this.#sources, isHasty, now);
    this.#dueAt = Math.min(lookAt, next);
    return { actions, wakeAt: this.#dueAt };
  }

  #allowOrigin(allowed: boolean, kind: OriginKind | undefined, now: number): void {
    const before = this.#planner.httpAllowed;
    this.#planner.setAllowed(allowed, kind);
    if (this.#planner.httpAllowed === before) return;
    this.log.note({ at: now, type: allowed ? 'originFreed' : 'originHeld' });
  }

  #addSource(source: SourceState, now: number): void {
    this.#sources.add(source);
    this.log.note({ at: now, type: 'added', source: source.name });
    if (source.kind !== 'peer') return;
    this.#peers.add(source, now);
    this.#requests.tellRateAgain();
  }

  #onSource(source: SourceState, event: SourceEvent, now: number): void {
    if (event.type === 'sourceGone') {
      this.#removeSource(source, now);
    } else if (event.type === 'received') {
      this.#planner.received(source, event.bytes, now);
    } else if (event.type === 'sourceSequential') {
      this.#makeSequential(source, now);
    } else if (source.kind === 'peer') {
      const wasChoked = source.choked;
      this.#peers.handle(source, event, now);
      if (source.choked !== wasChoked) {
        this.#sources.choked(source);
        const type = source.choked ? 'choked' : 'unchoked';
        this.log.note({ at: now, type, source: source.name });
      }
      if (event.type === 'peerShares') this.#requests.tellRateAgain();
      if (event.type === 'claimed' && this.#peers.isModest(source)) {
        this.#planner.yieldTo(source, now);
      }
      if (event.type === 'choked' && event.choked) this.#requests.onChoked(source, now);
    }
  }

  #makeSequential(source: SourceState, now: number): void {
    if (source.kind === 'peer' || source.sequential) return;
    source.sequential = true;
    this.log.note({ at: now, type: 'sequential', source: source.name });
    this.#table.makeWhole();
    // Parts that were asked for will not come; that is no fault.
    this.#requests.cancelAll(source);
  }

  #onFetch(event: Extract<SchedulerEvent, { fetch: FetchId }>, now: number): void {
    const flight = this.#flights.get(event.fetch);
    const source = flight && this.#sources.get(flight.source);
    if (!flight || !source) {
      this.#onLate(event, now);
      return;
    }
    if (event.type === 'pieceGood') {
      source.faults = 0;
      // An origin's requests come side by side: what is not of this piece is of others.
      const whole = source.kind === 'peer' ? source.headBytes : this.#bytesOf(event.piece);
      source.headBytes = Math.max(0, source.headBytes - whole);
      if (source.kind === 'peer' && source.doubted) this.#requests.resolveDoubt(source, flight);
      this.#land(flight, source, event.piece, now);
    } else if (event.type === 'pieceBad') {
      this.#onBad(flight, source, event.piece, now);
    } else {
      this.#onEnded(flight, source, event.fault, now);
    }
  }

  #land(flight: Flight, source: SourceState, piece: number, now: number): void {
    if (flight.pending.has(piece)) source.pending--;
    this.#flights.drop(flight, piece);
    if (flight.fromPeer && !flight.fromSite) this.#table.broughtIn(now);
    if (!this.#settle(piece, now)) return;
    const bytes = this.#bytesOf(piece);
    source.pieces++;
    source.bytes += bytes;
    this.log.came(source.name.from, flight.reason, 1, bytes);
  }

  /** A piece may be on disk only after its request was ended or its source had gone. */
  #onLate(event: Extract<SchedulerEvent, { fetch: FetchId }>, now: number): void {
    if (event.type === 'fetchEnded') this.#late.ended(event.fetch);
    if (event.type !== 'pieceGood' || !this.#settle(event.piece, now)) return;
    const request = this.#late.of(event.fetch);
    if (request) this.log.came(request.from, request.reason, 1, this.#bytesOf(event.piece));
  }

  #bytesOf(piece: number): number {
    const { pieceSize, contentLength = Number.POSITIVE_INFINITY } = this.#options;
    return Math.min(pieceSize, contentLength - piece * pieceSize);
  }

  /** The piece is here, whoever brought it. @returns whether it was not before. */
  #settle(piece: number, now: number): boolean {
    for (const other of this.#flights.allOf(piece)) {
      if (!other.pending.has(piece)) continue;
      // The hedge is decided: a loser with nothing else to bring is cancelled.
      this.#sources.get(other.source)!.pending--;
      this.#flights.drop(other, piece);
      if (other.pending.size === 0) this.#requests.cancel(other);
    }
    if (!this.#table.got(piece, now)) return false;
    this.#peers.landed(piece);
    return true;
  }

  #onBad(flight: Flight, source: SourceState, piece: number, now: number): void {
    if (flight.pending.has(piece)) source.pending--;
    if (this.#flights.drop(flight, piece)) this.#table.want(piece);
    if (source.kind === 'peer') this.#peers.distrust(source, piece);
    if (++source.bad >= maxBadPieces && !source.dead)
      this.#requests.retire(source, 'badPieces', now);
  }

  #onEnded(flight: Flight, source: SourceState, fault: Fault | undefined, now: number): void {
    source.fetches--;
    source.pending -= flight.pending.size;
    source.goodput.setBusy(source.fetches > 0, now);
    if (source.kind !== 'peer') source.endedAt = now;
    // An end without all its pieces is a fault even if it was not called one.
    const failed = fault !== undefined || flight.pending.size > 0;
    this.#giveBack(flight, source);
    if (failed && !flight.cancelled) this.#requests.failed(flight, source, fault, now);
  }

  #giveBack(flight: Flight, source: SourceState): void {
    const isMissing = flight.pending.size > 0;
    for (const p of this.#flights.end(flight)) this.#table.want(p);
    if (source.kind !== 'peer' && isMissing) {
      this.#actions.push({ type: 'release', runs: [flight.run] });
    }
  }

  #removeSource(source: SourceState, now: number): void {
    for (const f of this.#flights.ofSource(source.id)) {
      this.#late.expect(f.id, source.name.from, f.reason);
      this.#giveBack(f, source);
    }
    this.log.note({ at: now, type: 'gone', source: source.name, ...source.sums });
    this.#sources.remove(source.id);
    if (source.kind === 'peer') this.#peers.remove(source, now);
  }
}
