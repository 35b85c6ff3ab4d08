import { type Action, type Fault, type FetchId, Goodput, Scheduler } from '@sluice/engine';
import {
  type PieceMap,
  type PieceRun,
  pieceCount,
  pieceLength,
  runRange,
  type SluiceError,
  sluiceError,
  toSluiceError,
} from '@sluice/protocol';
import type { Source } from '../source/index.ts';
import { createPieceBufferPool, type PieceBuffer, type PieceBufferPool } from '../store/index.ts';
import { countFrom, type Origin, originTag, trafficOf } from './origin-tag.ts';
import { PieceSink } from './piece-sink.ts';
import { bridgeSwarm, type SwarmBridge } from './swarm-bridge.ts';
import type { TransferOptions } from './transfer-options.ts';
import { type TransferSource, TransferSources } from './transfer-sources.ts';

/** Requests at once to one HTTP source or cache host. */
const maxFetchesPerOrigin = 4;
/** Pieces that wait for the disk: enough that its threads never wait for the network. */
const maxFullBytes = 16 << 20;
const minFull = 4;

/** Carries out what the scheduler decides: runs it on real sources, the store and the swarm. */
export class Transfer {
  readonly goodput = new Goodput();
  readonly #options: TransferOptions;
  readonly #scheduler: Scheduler;
  readonly #pool: PieceBufferPool;
  readonly #sources = new TransferSources();
  /** What is here, each piece once. */
  readonly #landed: PieceMap;
  readonly #fetches = new Map<FetchId, AbortController>();
  readonly #running = new Set<Promise<void>>();
  readonly #bridge: SwarmBridge | undefined;
  readonly #finished = Promise.withResolvers<void>();
  #cancelTimer: () => void = () => {};
  #decideQueued = false;
  #stuckSince: number | undefined;
  #over = false;

  constructor(options: TransferOptions) {
    this.#options = options;
    this.#landed = options.entry.pieces.clone();
    this.#pool = createPieceBufferPool({
      pieceSize: options.geometry.pieceSize,
      maxBytes: options.maxBufferBytes,
      maxFull: Math.max(minFull, Math.ceil(maxFullBytes / options.geometry.pieceSize)),
    });
    this.#scheduler = new Scheduler({
      pieceCount: pieceCount(options.geometry),
      pieceSize: options.geometry.pieceSize,
      have: options.entry.pieces,
      self: options.self,
      salt: options.salt,
      random: options.random,
      foreground: options.foreground,
    });
    this.#finished.promise.catch(() => {});
    this.#bridge = options.swarm && bridgeSwarm(options.swarm, this.#scheduler, this);
  }

  /** Adds an HTTP source or cache host. @param sequential it can only stream the whole content. */
  addOrigin(source: Source & { kind: 'http' | 'cache' }, sequential: boolean): void {
    const id = this.#options.nextSourceId();
    this.#sources.add(id, source, { kind: source.kind });
    this.#options.swarm?.setMayUseHttp(true);
    const spec = { id, kind: source.kind, maxFetches: maxFetchesPerOrigin };
    this.#scheduler.handle({ type: 'sourceAdded', source: spec }, this.now);
    if (sequential) this.#scheduler.handle({ type: 'sourceSequential', source: id }, this.now);
    this.wake();
  }

  setOriginAllowed(allowed: boolean): void {
    this.#scheduler.handle({ type: 'originAllowed', allowed }, this.now);
    this.wake();
  }

  get now(): number {
    return this.#options.clock.now();
  }

  /** Adds a connected peer. */
  addPeer(id: number, source: Source, origin: Origin): void {
    this.#sources.add(id, source, origin);
  }

  removePeer(id: number): void {
    this.#sources.remove(id);
  }

  /** Resolves when every piece is on disk. @throws what ended it; Cancelled. */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#end(sluiceError('Cancelled', {}, { cause: signal.reason }));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.wake();
      await this.#finished.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#over = true;
      this.#cancelTimer();
      this.#bridge?.detach();
      this.#options.rates.close();
      for (const fetch of this.#fetches.values()) fetch.abort();
      await Promise.all(this.#running);
    }
  }

  /** Has the scheduler decide soon; many calls in a row cost one decision. */
  wake(): void {
    if (this.#decideQueued || this.#over) return;
    this.#decideQueued = true;
    setImmediate(() => {
      this.#decideQueued = false;
      if (this.#over) return;
      try {
        this.#decide();
      } catch (error) {
        // A fault in deciding ends this download, not the device.
        this.#end(error);
      }
    });
  }

  #decide(): void {
    const { actions, wakeAt } = this.#scheduler.decide(this.now);
    for (const action of actions) this.#perform(action);
    if (this.#scheduler.complete) {
      this.#end();
      return;
    }
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.setTimer(wakeAt - this.now, () => this.wake());
    this.#checkStuck();
  }

  /** Nothing connected can bring the rest: peers may still come, but not for ever. */
  #checkStuck(): void {
    if (!this.#scheduler.stuck) {
      this.#stuckSince = undefined;
      return;
    }
    this.#stuckSince ??= this.now;
    const waited = this.now - this.#stuckSince;
    if (this.#sources.hasOrigin || waited < this.#options.hopeMs()) return;
    this.#end(this.#sources.lastError);
  }

  #end(error?: unknown): void {
    if (error) this.#finished.reject(error);
    else this.#finished.resolve();
  }

  #perform(action: Action): void {
    switch (action.type) {
      case 'fetch':
        this.#track(this.#fetch(action));
        break;
      case 'cancel':
        this.#fetches.get(action.fetch)?.abort();
        break;
      case 'giveUp':
        this.#giveUp(action.source);
        break;
      default:
        this.#bridge?.perform(action);
    }
  }

  #giveUp(id: number): void {
    const given = this.#sources.giveUp(id);
    if (!given) return;
    this.#options.onGiveUp(given.source, given.error);
    if (!this.#sources.hasOrigin) this.#options.swarm?.setMayUseHttp(false);
  }

  #track(work: Promise<void>): void {
    const tracked = work
      // A fault in here ends this download, not the device.
      .catch((error: unknown) => this.#end(error))
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  async #fetch({ fetch, source: id, run }: Extract<Action, { type: 'fetch' }>): Promise<void> {
    const known = this.#sources.get(id);
    if (!known) return this.#ended(fetch);
    const control = new AbortController();
    this.#fetches.set(fetch, control);
    this.goodput.setBusy(true, this.now);
    const round = known.record.begin(this.now);
    const sink = this.#sinkFor(fetch, id, known, run, control.signal);
    const { geometry, rates } = this.#options;
    const limited = rates.limit(known.source, trafficOf(known.origin), sink, control.signal);
    let fault: Fault | undefined;
    try {
      await known.source.fetch(runRange(geometry, run), limited.sink, control.signal);
    } catch (error) {
      if (!control.signal.aborted) fault = this.#faultOf(id, known, toSluiceError(error), round);
    }
    limited.end();
    try {
      await sink.finish();
    } catch (error) {
      // The disk, not the source: nothing else will help.
      this.#end(error);
    }
    this.#fetches.delete(fetch);
    if (this.#fetches.size === 0) this.goodput.setBusy(false, this.now);
    this.#ended(fetch, fault);
  }

  #ended(fetch: FetchId, fault?: Fault): void {
    this.#scheduler.handle({ type: 'fetchEnded', fetch, ...(fault ? { fault } : {}) }, this.now);
    this.wake();
  }

  #faultOf(
    id: number,
    { source }: TransferSource,
    error: SluiceError,
    round: number,
  ): Fault | undefined {
    this.#options.logger.debug({ source: source.label, err: error }, 'fetch failed');
    if (error.code === 'SourceNoRanges') {
      this.#scheduler.handle({ type: 'sourceSequential', source: id }, this.now);
      return undefined;
    }
    if (error.code === 'SourceChanged' && source.kind === 'http' && this.#options.oneVersion) {
      this.#end(error);
    }
    return this.#sources.failed(id, error, round, this.now);
  }

  #sinkFor(
    fetch: FetchId,
    source: number,
    known: TransferSource,
    run: PieceRun,
    signal: AbortSignal,
  ): PieceSink {
    const { geometry, entry, waste } = this.#options;
    return new PieceSink({
      geometry,
      run,
      pool: this.#pool,
      signal,
      isWanted: (piece) => !entry.pieces.has(piece),
      onBytes: (bytes) => {
        known.record.worked = true;
        this.goodput.received(bytes, this.now);
        this.#scheduler.handle({ type: 'received', source, bytes }, this.now);
      },
      onWaste: (bytes) => {
        waste.duplicateBytes += bytes;
      },
      onPresent: (piece) => {
        // What the scheduler knows already would pass for a success of the source that sent it again.
        if (this.#landed.has(piece)) return;
        this.#scheduler.handle({ type: 'pieceGood', fetch, piece }, this.now);
        this.wake();
      },
      onPiece: (piece, buffer) => this.#write(fetch, known, piece, buffer),
    });
  }

  async #write(
    fetch: FetchId,
    { origin, record }: TransferSource,
    piece: number,
    buffer: PieceBuffer,
  ): Promise<void> {
    const { entry, geometry, counters, swarm, waste } = this.#options;
    const tag = originTag(origin);
    const bytes = pieceLength(geometry, piece);
    const good = await entry.writePiece(piece, buffer, tag);
    // What is wrong with it now is that its pieces are bad, not what was wrong before.
    record.lastError = undefined;
    // A hedged piece may come to its end twice at once: the first counts.
    const isNew = good && this.#landed.set(piece);
    if (isNew) {
      countFrom(counters, tag, bytes);
      swarm?.broadcastHave(piece);
    } else {
      waste.duplicateBytes += bytes;
      if (!good) waste.badPieces++;
    }
    this.#scheduler.handle({ type: good ? 'pieceGood' : 'pieceBad', fetch, piece }, this.now);
    this.wake();
  }
}
