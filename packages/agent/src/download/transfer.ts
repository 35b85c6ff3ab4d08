import { type Action, type Fault, type FetchId, Goodput, Scheduler } from '@sluice/engine';
import {
  type PieceMap,
  pieceCount,
  pieceLength,
  runRange,
  type SluiceError,
  sluiceError,
  toSluiceError,
} from '@sluice/protocol';
import type { Source } from '../source/index.ts';
import { createPieceBufferPool, type PieceBuffer, type PieceBufferPool } from '../store/index.ts';
import { countFrom, type Origin, originTag } from './origin-tag.ts';
import { PieceSink } from './piece-sink.ts';
import { bridgeSwarm, type SwarmBridge } from './swarm-bridge.ts';
import type { TransferOptions } from './transfer-options.ts';

/** Requests at once to one HTTP source or cache host. */
const maxFetchesPerOrigin = 4;
/** With every origin given up, peers get this long to appear before the download fails. */
const lastHopeMs = 5_000;

interface OriginSource {
  source: Source;
  origin: Origin;
  lastError?: SluiceError;
}

/** Carries out what the scheduler decides: runs it on real sources, the store and the swarm. */
export class Transfer {
  readonly goodput = new Goodput();
  duplicateBytes = 0;
  badPieces = 0;
  readonly #options: TransferOptions;
  readonly #scheduler: Scheduler;
  readonly #pool: PieceBufferPool;
  readonly #sources = new Map<number, OriginSource>();
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
  #liveOrigins = 0;
  #lastError: SluiceError | undefined;

  constructor(options: TransferOptions) {
    this.#options = options;
    this.#landed = options.entry.pieces.clone();
    this.#pool = createPieceBufferPool({
      pieceSize: options.geometry.pieceSize,
      maxBytes: options.maxBufferBytes,
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

  get reasons(): Scheduler['reasons'] {
    return this.#scheduler.reasons;
  }

  /** Adds an HTTP source or cache host. @param sequential it can only stream the whole content. */
  addOrigin(source: Source & { kind: 'http' | 'cache' }, sequential: boolean): void {
    const id = this.#options.nextSourceId();
    this.#sources.set(id, { source, origin: { kind: source.kind } });
    this.#liveOrigins++;
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
    this.#sources.set(id, { source, origin });
  }

  removePeer(id: number): void {
    this.#sources.delete(id);
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
    const patience = this.#options.swarm ? lastHopeMs : 0;
    if (this.#liveOrigins > 0 || this.now - this.#stuckSince < patience) return;
    this.#end(this.#lastError ?? sluiceError('NoSourceLeft'));
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
    const known = this.#sources.get(id);
    if (!known) return;
    this.#liveOrigins--;
    const error = known.lastError ?? sluiceError('SourceCorrupt', { url: known.source.label });
    this.#lastError = error;
    this.#options.onGiveUp(known.source, error);
    if (this.#liveOrigins === 0) this.#options.swarm?.setMayUseHttp(false);
  }

  #track(work: Promise<void>): void {
    this.#running.add(work);
    work.finally(() => this.#running.delete(work));
  }

  async #fetch({ fetch, source: id, run }: Extract<Action, { type: 'fetch' }>): Promise<void> {
    const known = this.#sources.get(id);
    if (!known) return this.#ended(fetch);
    const control = new AbortController();
    this.#fetches.set(fetch, control);
    this.goodput.setBusy(true, this.now);
    const sink = this.#sinkFor(fetch, id, known.origin, run, control.signal);
    let fault: Fault | undefined;
    try {
      await known.source.fetch(runRange(this.#options.geometry, run), sink, control.signal);
    } catch (error) {
      fault = control.signal.aborted ? undefined : this.#faultOf(id, known, toSluiceError(error));
    }
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

  #faultOf(id: number, known: OriginSource, error: SluiceError): Fault | undefined {
    known.lastError = error;
    this.#options.logger.debug({ source: known.source.label, err: error }, 'fetch failed');
    if (error.code === 'SourceNoRanges') {
      this.#scheduler.handle({ type: 'sourceSequential', source: id }, this.now);
      return undefined;
    }
    const { retryable, retryAfterMs } = error.params;
    return {
      retryable: retryable !== false,
      ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
    };
  }

  #sinkFor(
    fetch: FetchId,
    source: number,
    origin: Origin,
    run: { first: number; count: number },
    signal: AbortSignal,
  ): PieceSink {
    const { geometry, entry } = this.#options;
    return new PieceSink({
      geometry,
      run,
      pool: this.#pool,
      signal,
      isWanted: (piece) => !entry.pieces.has(piece),
      onBytes: (bytes) => {
        this.goodput.received(bytes, this.now);
        this.#scheduler.handle({ type: 'received', source, bytes }, this.now);
      },
      onWaste: (bytes) => {
        this.duplicateBytes += bytes;
      },
      onPresent: (piece) => {
        // The scheduler may not know: it could have given the request up while the piece was written.
        this.#scheduler.handle({ type: 'pieceGood', fetch, piece }, this.now);
        this.wake();
      },
      onPiece: (piece, buffer) => this.#write(fetch, origin, piece, buffer),
    });
  }

  async #write(fetch: FetchId, origin: Origin, piece: number, buffer: PieceBuffer): Promise<void> {
    const { entry, geometry, counters, swarm } = this.#options;
    const tag = originTag(origin);
    const bytes = pieceLength(geometry, piece);
    const good = await entry.writePiece(piece, buffer, tag);
    // A hedged piece may come to its end twice at once: the first counts.
    const isNew = good && this.#landed.set(piece);
    if (!good) {
      this.badPieces++;
      this.duplicateBytes += bytes;
    } else if (isNew) {
      countFrom(counters, tag, bytes);
      swarm?.broadcastHave(piece);
    } else {
      this.duplicateBytes += bytes;
    }
    this.#scheduler.handle({ type: good ? 'pieceGood' : 'pieceBad', fetch, piece }, this.now);
    this.wake();
  }
}
