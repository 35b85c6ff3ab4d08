import { type PieceMap, seededRandom } from '@sluice/protocol';
import { Choker } from '../choker.ts';
import type { Action, FetchId, SchedulerEvent, SourceId } from '../events.ts';
import { Scheduler } from '../scheduler.ts';
import { peerId } from '../world.test-kit.ts';
import type { DeviceOptions } from './device-options.test-kit.ts';
import type { Pipe } from './flow-network.test-kit.ts';
import type { Hello, Link, Message, Node, Wires } from './link.test-kit.ts';
import type { Origin } from './origin.test-kit.ts';

/** From the last byte of a piece to its being verified and written, ms. */
const verifyMs = 2;
const chokerTickMs = 500;
/** Bytes are told to the scheduler in this grain, as a reader of sockets would. */
const reportMs = 100;

interface Fetch {
  source: SourceId;
  pieces: number[];
  /** Ends the request at its origin; peers' requests are cancelled by message. */
  abort?: () => void;
}

/** A device that runs the real scheduler and choker, and does what they say as the agent would. */
export class Device implements Node {
  readonly options: DeviceOptions;
  readonly peerId: string;
  readonly scheduler: Scheduler;
  readonly have: PieceMap;
  readonly up: Pipe;
  readonly down: Pipe;
  readonly links = new Map<SourceId, Link>();
  readonly bytes = { http: 0, cache: 0, peer: 0 };
  /** Payload bytes that came, of use or not. */
  payload = 0;
  /** Payload of pieces that failed their check. */
  bad = 0;
  banned = 0;
  running = false;
  dead = false;
  decisions = 0;
  finishedAt = Number.POSITIVE_INFINITY;
  readonly #wires: Wires;
  readonly #choker: Choker;
  #handicap = 0;
  readonly #origins = new Map<SourceId, { origin: Origin; kind: 'http' | 'cache' }>();
  readonly #fetches = new Map<FetchId, Fetch>();
  readonly #unreported = new Map<SourceId, number>();
  #reportDue = false;
  #dirty = false;
  #cancelWake: () => void = () => {};
  #nextSource = 1;

  constructor(wires: Wires, options: DeviceOptions) {
    this.#wires = wires;
    this.options = options;
    this.peerId = peerId(options.seed * 1000 + options.index);
    this.have = options.has.clone();
    this.up = { capacity: options.up };
    this.down = { capacity: options.down };
    this.#choker = new Choker({ slots: options.slots, turnMs: options.turnMs });
    this.scheduler = new Scheduler({
      pieceCount: options.pieceCount,
      pieceSize: wires.pieceSize,
      have: this.have,
      self: this.peerId,
      salt: 4711,
      random: seededRandom(options.seed * 1009 + options.index),
      foreground: options.foreground,
    });
  }

  start(): void {
    this.running = true;
    if (this.have.complete) this.finishedAt = this.#wires.timeline.now();
    this.#handle({ type: 'originAllowed', allowed: false });
    for (const o of this.options.origins) {
      const id = this.#nextSource++;
      this.#origins.set(id, o);
      const maxFetches = this.options.maxFetches;
      this.#handle({ type: 'sourceAdded', source: { id, kind: o.kind, maxFetches } });
      if (o.origin.options.sequential) this.#handle({ type: 'sourceSequential', source: id });
    }
    this.#later(this.options.graceMs, () => this.#handle({ type: 'originAllowed', allowed: true }));
    const tick = () => {
      this.#rechoke();
      this.#later(chokerTickMs, tick);
    };
    tick();
  }

  /** The device is gone at once; its peers notice after `noticeMs`. */
  die(noticeMs: number): void {
    this.running = false;
    this.dead = true;
    this.#cancelWake();
    for (const f of this.#fetches.values()) f.abort?.();
    for (const link of this.links.values()) link.close(noticeMs);
  }

  hello(): Hello {
    return {
      peerId: this.peerId,
      has: this.have.clone(),
      sharesWork: this.options.origins.length > 0,
      handicap: this.#handicap,
      claims: this.scheduler.currentClaims(),
      rate: 0,
    };
  }

  connected(link: Link, hello: Hello): void {
    const id = this.#nextSource++;
    this.links.set(id, link);
    const { peerId, has, sharesWork, handicap, claims: runs, rate } = hello;
    const { sameSite } = this.options;
    this.#handle({
      type: 'sourceAdded',
      source: { id, kind: 'peer', peerId, sameSite, sharesWork, handicap, has },
    });
    if (runs.length > 0) this.#handle({ type: 'claimed', source: id, runs, rate });
  }

  closed(link: Link): void {
    const id = this.#idOf(link);
    this.links.delete(id);
    this.#choker.remove(id);
    for (const [fetch, f] of this.#fetches) if (f.source === id) this.#fetches.delete(fetch);
    this.#handle({ type: 'sourceGone', source: id });
  }

  received(link: Link, bytes: number): void {
    this.#count(this.#idOf(link), bytes);
  }

  receive(link: Link, m: Message): void {
    const source = this.#idOf(link);
    if (m.type === 'have') this.#handle({ type: 'peerHas', source, piece: m.piece });
    else if (m.type === 'choke') this.#handle({ type: 'choked', source, choked: m.choked });
    else if (m.type === 'claim') {
      this.#handle({ type: 'claimed', source, runs: m.runs, rate: m.rate });
    } else if (m.type === 'release') this.#handle({ type: 'released', source, runs: m.runs });
    else if (m.type === 'handicap') this.#handle({ ...m, source, type: 'peerShares' });
    else if (m.type === 'request') link.serve(m.piece);
    else if (m.type === 'cancel') link.unserve(m.piece);
    else if (m.type === 'interest') {
      this.#choker.setInterested(source, m.interested);
      this.#rechoke();
    } else this.#onPiece(source, m.piece, m.good);
  }

  /** Whether something happened since the last decision. */
  decideIfDirty(): boolean {
    if (!this.#dirty || !this.running) return false;
    this.#dirty = false;
    this.decisions++;
    const { actions, wakeAt } = this.scheduler.decide(this.#wires.timeline.now());
    this.#cancelWake();
    const wait = wakeAt - this.#wires.timeline.now();
    this.#cancelWake = this.#later(wait, () => {
      this.#dirty = true;
    });
    for (const action of actions) this.#perform(action);
    return true;
  }

  #perform(a: Action): void {
    if (a.type === 'fetch') this.#fetch(a);
    else if (a.type === 'cancel') this.#cancel(a.fetch);
    else if (a.type === 'claim') this.#tellAll({ type: 'claim', runs: a.runs, rate: a.rate });
    else if (a.type === 'handicap') this.#tellHandicap(a.handicap);
    else if (a.type === 'release') this.#tellAll({ type: 'release', runs: a.runs });
    else if (a.type === 'interest') {
      this.links.get(a.source)?.send({ type: 'interest', interested: a.interested });
    } else if (a.type === 'ban') {
      const link = this.links.get(a.source);
      this.banned++;
      link?.close(this.#wires.latencyMs);
      if (link) this.closed(link);
    } else {
      for (const f of this.#fetches.values()) if (f.source === a.source) f.abort?.();
    }
  }

  #tellHandicap(handicap: number): void {
    this.#handicap = handicap;
    this.#tellAll({ type: 'handicap', sharesWork: true, handicap });
    // The answers come behind what was under way.
    const { latencyMs } = this.#wires;
    this.#later(2 * latencyMs, () => this.#handle({ type: 'handicapKnown', handicap }));
  }

  #fetch({ fetch, source, run }: Extract<Action, { type: 'fetch' }>): void {
    const pieces = Array.from({ length: run.count }, (_, k) => run.first + k);
    const entry: Fetch = { source, pieces };
    this.#fetches.set(fetch, entry);
    const link = this.links.get(source);
    if (link) {
      link.send({ type: 'request', piece: run.first });
      return;
    }
    entry.abort = this.#origins.get(source)!.origin.get(pieces, {
      down: this.down,
      received: (bytes) => this.#count(source, bytes),
      piece: (piece) => this.#verify(fetch, entry, piece, true),
      // After the last piece was verified.
      ended: (ok) => this.#later(verifyMs, () => this.#end(fetch, ok)),
    });
  }

  #cancel(fetch: FetchId): void {
    const f = this.#fetches.get(fetch);
    if (!f) return;
    this.#fetches.delete(fetch);
    this.links.get(f.source)?.send({ type: 'cancel', piece: f.pieces[0]! });
    f.abort?.();
    this.#later(0, () => this.#handle({ type: 'fetchEnded', fetch }));
  }

  /** A piece whose request was cancelled while it was on its way is of no use. */
  #onPiece(source: SourceId, piece: number, good: boolean): void {
    for (const [fetch, f] of this.#fetches) {
      if (f.source !== source || f.pieces[0] !== piece) continue;
      this.#verify(fetch, f, piece, good);
      this.#later(verifyMs, () => this.#end(fetch, true));
      return;
    }
  }

  #verify(fetch: FetchId, f: Fetch, piece: number, good: boolean): void {
    this.#report();
    this.#later(verifyMs, () => {
      if (!good) this.bad += this.#wires.pieceSize;
      else if (!this.have.has(piece)) this.#land(f, piece);
      if (!this.#fetches.has(fetch)) return;
      this.#handle({ type: good ? 'pieceGood' : 'pieceBad', fetch, piece });
    });
  }

  #land(f: Fetch, piece: number): void {
    this.have.set(piece);
    this.bytes[this.#origins.get(f.source)?.kind ?? 'peer'] += this.#wires.pieceSize;
    this.#tellAll({ type: 'have', piece });
    if (this.have.complete) this.finishedAt = this.#wires.timeline.now();
  }

  #end(fetch: FetchId, ok: boolean): void {
    if (!this.#fetches.delete(fetch)) return;
    const event: SchedulerEvent = { type: 'fetchEnded', fetch };
    this.#handle(ok ? event : { ...event, fault: { retryable: true } });
  }

  #rechoke(): void {
    const { choke, unchoke } = this.#choker.decide(this.#wires.timeline.now());
    for (const id of choke) this.links.get(id)?.setServing(false);
    for (const id of unchoke) this.links.get(id)?.setServing(true);
  }

  #count(source: SourceId, bytes: number): void {
    this.payload += bytes;
    this.#unreported.set(source, (this.#unreported.get(source) ?? 0) + bytes);
    if (this.#reportDue) return;
    this.#reportDue = true;
    this.#later(reportMs, () => {
      this.#reportDue = false;
      this.#report();
    });
  }

  #report(): void {
    for (const [source, bytes] of this.#unreported) {
      this.#handle({ type: 'received', source, bytes });
    }
    this.#unreported.clear();
  }

  #tellAll(message: Message): void {
    for (const link of this.links.values()) link.send(message);
  }

  #handle(event: SchedulerEvent): void {
    this.scheduler.handle(event, this.#wires.timeline.now());
    this.#dirty = true;
  }

  #later(ms: number, fn: () => void): () => void {
    return this.#wires.timeline.setTimer(ms, () => {
      if (this.running) fn();
    });
  }

  #idOf(link: Link): SourceId {
    for (const [id, l] of this.links) if (l === link) return id;
    return 0;
  }
}
