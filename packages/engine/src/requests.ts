import type { PieceRun } from '@sluice/protocol';
import type { Action, Fault, FetchId, Reason } from './events.ts';
import type { Flight, Flights } from './flights.ts';
import { Pending } from './pending.ts';
import type { PieceTable } from './piece-table.ts';
import { noteFault, type PeerState, type SourceState } from './source-state.ts';
import type { Sources } from './sources.ts';
import type { DecisionLog } from './why/decision-log.ts';
import type { Weighed } from './why/decision-record.ts';

/** Peers are told a new rate when it is so many times what they were told, or so little of it … */
const rateChange = 2;
/** … and not more often than this, ms. */
const tellRateMs = 1_000;

/** It ended early, and nobody said why. */
const incomplete: Fault = { retryable: true, code: 'incomplete' };

/** Begins and ends requests, and keeps peers told of those that go to HTTP or the cache. */
export class Requests {
  readonly #log: DecisionLog;
  readonly #random: () => number;
  readonly #table: PieceTable;
  readonly #flights: Flights;
  readonly #sources: Sources;
  readonly #act: (action: Action) => void;
  #nextFetch: FetchId = 1;
  #toldRate = 0;
  #toldAt = 0;

  constructor(
    log: DecisionLog,
    random: () => number,
    table: PieceTable,
    flights: Flights,
    sources: Sources,
    act: (action: Action) => void,
  ) {
    this.#log = log;
    this.#random = random;
    this.#table = table;
    this.#flights = flights;
    this.#sources = sources;
    this.#act = act;
  }

  /** @param weighed for the log: what the choice was made from. */
  start(source: SourceState, run: PieceRun, reason: Reason, now: number, weighed?: Weighed): void {
    const pending = this.#take(run, reason);
    if (source.pending === 0) {
      source.heardAt = now;
      source.headBytes = 0;
    }
    source.fetches++;
    source.asked += pending.size;
    source.pending += pending.size;
    source.goodput.setBusy(true, now);
    const holders = this.#table.rarity.availability(run.first);
    const pieces = pending.size;
    this.#log.asked(now, source.name, { reason, run, pieces, holders, weighed });
    const fetch = this.#nextFetch++;
    const fromPeer = source.kind === 'peer';
    const fromSite = fromPeer && source.sameSite;
    this.#flights.add({
      id: fetch,
      source: source.id,
      run,
      fromPeer,
      fromSite,
      reason,
      pending,
      pieces,
      startedAt: now,
      cancelled: false,
    });
    this.#act({ type: 'fetch', fetch, source: source.id, run, reason });
    if (source.kind !== 'peer') this.#tell([run], now);
  }

  /** Gives the pieces of a flight back and asks the caller to end it. */
  cancel(flight: Flight): void {
    if (flight.cancelled) return;
    flight.cancelled = true;
    const source = this.#sources.get(flight.source);
    if (source) source.pending -= flight.pending.size;
    const released = flight.pending.size > 0 && source?.kind !== 'peer';
    for (const piece of flight.pending.list()) {
      if (this.#flights.drop(flight, piece)) this.#table.want(piece);
    }
    this.#act({ type: 'cancel', fetch: flight.id });
    if (released) this.#act({ type: 'release', runs: [flight.run] });
  }

  cancelAll(source: SourceState): void {
    for (const f of this.#flights.ofSource(source.id)) this.cancel(f);
  }

  /**
   * A choke drops the requests that wait at the peer (BitTorrent's rule): others are asked. The piece
   * that it is sending is one message and comes to its end; whether there is one only time tells.
   */
  onChoked(peer: PeerState, now: number): void {
    if (peer.fetches === 0) return;
    let head: Flight | undefined;
    for (const f of this.#flights.all()) {
      if (f.source !== peer.id || f.cancelled) continue;
      if (head) this.cancel(f);
      else head = f;
    }
    if (head) peer.doubted = { fetch: head.id, since: now };
  }

  /** A piece came from a peer that has choked us: those asked before it were dropped. */
  resolveDoubt(peer: PeerState, came: Flight): void {
    if (peer.doubted?.fetch === came.id) peer.doubted = undefined;
    else this.dropDoubted(peer);
  }

  dropDoubted(peer: PeerState): void {
    const flight = peer.doubted && this.#flights.get(peer.doubted.fetch);
    peer.doubted = undefined;
    if (flight) this.cancel(flight);
  }

  /** A request failed. Those that were under way side by side fail for one reason, and count once. */
  failed(flight: Flight, source: SourceState, fault: Fault | undefined, now: number): void {
    const { retryable, retryAfterMs = 0 } = fault ?? incomplete;
    if (!retryable || flight.startedAt > source.faultAt) {
      this.fault(source, fault ?? incomplete, now);
    } else source.notBefore = Math.max(source.notBefore, now + retryAfterMs);
  }

  /** The source failed: it is left alone for a while, or for good. */
  fault(source: SourceState, fault: Fault, now: number): void {
    if (source.dead) return;
    noteFault(source, fault, now, this.#random());
    this.#sources.backedOff.add(source);
    const because = fault.code ?? 'unknown';
    if (source.dead) this.retire(source, because, now);
    else {
      const until = source.notBefore;
      this.#log.note({ at: now, type: 'backedOff', source: source.name, because, until });
    }
  }

  /** The source is not asked again. */
  retire(source: SourceState, because: string, now: number): void {
    source.dead = true;
    const type = source.kind === 'peer' ? 'banned' : 'givenUp';
    this.#log.note({ at: now, type, source: source.name, because });
    this.cancelAll(source);
    if (source.kind === 'peer') this.#act({ type: 'ban', source: source.id, because });
    else this.#act({ type: 'giveUp', source: source.id });
  }

  /** What this device fetches from HTTP and cache now. */
  originRuns(): PieceRun[] {
    const runs: PieceRun[] = [];
    for (const f of this.#flights.all()) {
      if (f.pending.size > 0 && this.#sources.get(f.source)?.kind !== 'peer') runs.push(f.run);
    }
    return runs;
  }

  /** Others judge by the rate told with a claim how long to wait: tells it again when it was wrong. */
  tellRate(now: number): void {
    if (now - this.#toldAt < tellRateMs) return;
    const rate = this.originRate(now);
    if (rate <= rateChange * this.#toldRate && rate * rateChange >= this.#toldRate) return;
    const runs = this.originRuns();
    if (runs.length > 0) this.#tell(runs, now);
  }

  /** Somebody new has not heard it. */
  tellRateAgain(): void {
    this.#toldRate = 0;
  }

  /** Bytes/s of all busy origins together, 0 if unknown. */
  originRate(now: number): number {
    let rate = 0;
    for (const s of this.#sources.origins) if (s.fetches > 0) rate += s.goodput.known(now);
    return rate;
  }

  #tell(runs: PieceRun[], now: number): void {
    this.#toldRate = this.originRate(now);
    this.#toldAt = now;
    this.#act({ type: 'claim', runs, rate: this.#toldRate });
  }

  #take(run: PieceRun, reason: Reason): Pending {
    const pending = new Pending();
    for (let p = run.first; p < run.first + run.count; p++) {
      if (this.#table.have.has(p)) continue;
      if (reason === 'stream') {
        pending.add(p);
      } else if (reason === 'hedge' || this.#table.wanted.has(p)) {
        pending.add(p);
        this.#table.unwant(p);
      }
    }
    return pending;
  }
}
