import type { Action, Fault, SchedulerEvent, SourceView } from '@sluice/engine';
import { Goodput, Scheduler } from '@sluice/engine';
import {
  type PieceMap,
  type PieceRun,
  pieceCount,
  runRange,
  type SluiceError,
  sluiceError,
  toSluiceError,
} from '@sluice/protocol';
import { soon } from '../clock/soon.ts';
import type { Source } from '../source/index.ts';
import type { PieceBufferPool } from '../store/index.ts';
import { Arrivals, type ArrivalsHost } from './arrivals.ts';
import { type Ongoing, OngoingFetches } from './ongoing-fetches.ts';
import { OriginAccess } from './origin-access.ts';
import { type Origin, trafficOf } from './origin-tag.ts';
import type { OriginSource } from './origins.ts';
import { ThreadRuns } from './thread-runs.ts';
import { transferBuffers } from './transfer-buffers.ts';
import type { TransferOptions } from './transfer-options.ts';
import { type FailingOrigin, type TransferSource, TransferSources } from './transfer-sources.ts';
import { type TransferPeers, TransferSwarm } from './transfer-swarm.ts';

/** Carries out what the scheduler decides: runs it on real sources, the store and the swarm. */
export class Transfer {
  readonly goodput = new Goodput();
  /** Bytes that came, of use or not. */
  received = 0;
  readonly #options: TransferOptions;
  readonly #scheduler: Scheduler;
  readonly #pool: PieceBufferPool;
  readonly #sources = new TransferSources();
  readonly #access = new OriginAccess((kind, allowed) =>
    this.#scheduler.handle({ type: 'originAllowed', kind, allowed }, this.now),
  );
  /** What is here, each piece once. */
  readonly #landed: PieceMap;
  readonly #fetches = new OngoingFetches();
  readonly #threadRuns: ThreadRuns;
  readonly #swarm = new TransferSwarm();
  readonly #arrivalsHost: ArrivalsHost;
  readonly #finished = Promise.withResolvers<void>();
  #cancelTimer: () => void = () => {};
  #over = false;
  #isDraining = false;

  constructor(options: TransferOptions) {
    this.#options = options;
    this.#landed = options.entry.pieces.clone();
    this.#pool = transferBuffers(options.geometry.pieceSize, options.maxBufferBytes);
    const { geometry, self, salt, random, foreground, backgroundQos, log } = options;
    this.#scheduler = new Scheduler({
      pieceCount: pieceCount(geometry),
      pieceSize: geometry.pieceSize,
      contentLength: geometry.contentLength,
      have: options.entry.pieces,
      foreground: foreground.current,
      ...{ self, salt, random, backgroundQos, log },
    });
    this.#arrivalsHost = this.#hostArrivals();
    this.#threadRuns = new ThreadRuns(options);
    this.#finished.promise.catch(() => {});
  }

  #hostArrivals(): ArrivalsHost {
    const transfer = this;
    return {
      ...{ options: this.#options, goodput: this.goodput, landed: this.#landed },
      get now() {
        return transfer.now;
      },
      received: (bytes) => {
        this.received += bytes;
      },
      handle: (event) => this.#scheduler.handle(event, this.now),
      tell: (event) => {
        this.#tell(event);
        if (this.#isDraining && event.type === 'pieceGood') this.#fetches.cancel(event.fetch);
      },
      have: (piece) => this.#swarm.broadcastHave(piece),
    };
  }

  /** Shares with others from now on; once only. */
  setPeers(peers: TransferPeers): void {
    this.#swarm.join(peers, this.#scheduler, this);
  }

  /** Adds an HTTP source or cache host. @param sequential it can only stream the whole content. */
  addOrigin(source: OriginSource, sequential: boolean, atOnce?: number): void {
    const { kind, label } = source;
    const id = this.#options.nextSourceId();
    this.#sources.add(id, source, { kind });
    this.#tellMayUseHttp();
    const spec = { id, kind, label, maxFetches: atOnce ?? TransferSources.maxFetches };
    this.#tell({ type: 'sourceAdded', source: spec });
    if (sequential) this.#tell({ type: 'sourceSequential', source: id });
  }

  /** Whether to begin with HTTP and cache: after the start grace. */
  setOriginAllowed(allowed: boolean): void {
    this.#access.begun = allowed;
    this.wake();
  }

  /** Leaves HTTP and cache alone until they are allowed again; what they are at is given up. */
  stopOrigins(): void {
    this.setOriginAllowed(false);
    this.#fetches.cancelOrigins();
  }

  /** Begins nothing more with HTTP and cache, and ends with the pieces under way; not where that takes over `ms`. */
  async drain(ms: number): Promise<void> {
    // Half of each piece, as a rule.
    const left = (this.#fetches.size * this.#options.geometry.pieceSize) / 2;
    if (!((1000 * left) / this.goodput.rate(this.now) <= ms)) return;
    this.#isDraining = true;
    this.setOriginAllowed(false);
    await this.#fetches.settled();
  }

  /** What the delay policies leave open. Peers hear whether this device can fetch from outside. */
  setOpen(open: { http: boolean; cache: boolean }): void {
    this.#access.open = open;
    this.#tellMayUseHttp();
    this.wake();
  }

  #tellMayUseHttp(): void {
    this.#swarm.setMayUseHttp(this.#sources.hasOriginAmong(this.#access.open));
  }

  get now(): number {
    return this.#options.clock.now();
  }

  /** What there is to fetch from, as it is now; and the origins among it that have only failed so far. */
  sources(): { all: SourceView[]; failing: FailingOrigin[] } {
    return { all: this.#scheduler.sources(this.now), failing: this.#sources.failing() };
  }

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
    const { foreground } = this.#options;
    const follow = () => this.#tell({ type: 'priority', foreground: foreground.current });
    const unfollow = foreground.watch(follow);
    try {
      follow();
      await this.#finished.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      unfollow();
      this.#over = true;
      this.#cancelTimer();
      this.#options.rates.close();
      this.#fetches.leave();
      this.#swarm.detach();
      await this.#fetches.settled();
    }
  }

  /** Has the scheduler decide soon; many calls in a row cost one decision. */
  readonly wake = soon(() => {
    try {
      if (!this.#over) this.#decide();
    } catch (error) {
      // A fault in deciding ends this download, not the device.
      this.#end(error);
    }
  });

  #decide(): void {
    const { actions, wakeAt } = this.#scheduler.decide(this.now);
    for (const action of actions) this.#perform(action);
    if (this.#scheduler.complete) {
      this.#end();
      return;
    }
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.setTimer(wakeAt - this.now, () => this.wake());
    // Nothing connected can bring the rest: peers may still come, but not for ever.
    const { hasOrigin } = this.#sources;
    const prospects = { hasOrigin, isStuck: this.#scheduler.stuck, received: this.received };
    if (this.#swarm.isHopeOver(prospects, this.now)) this.#end(this.#sources.lastError);
  }

  #end(error?: unknown): void {
    if (error) this.#finished.reject(error);
    else this.#finished.resolve();
  }

  #perform(action: Action): void {
    switch (action.type) {
      case 'fetch':
        // A fault in there ends this download, not the device.
        this.#fetches.run(this.#fetch(action), (error) => this.#end(error));
        break;
      case 'cancel':
        this.#fetches.cancel(action.fetch);
        break;
      case 'giveUp':
        this.#giveUp(action.source);
        break;
      default:
        this.#swarm.perform(action);
    }
  }

  #giveUp(id: number): void {
    const given = this.#sources.giveUp(id);
    if (!given) return;
    this.#options.onGiveUp(given.source, given.error);
    this.#tellMayUseHttp();
  }

  async #fetch({ fetch, source: id, run }: Extract<Action, { type: 'fetch' }>): Promise<void> {
    const known = this.#sources.get(id);
    if (!known) return this.#tell({ type: 'fetchEnded', fetch });
    const ongoing = this.#fetches.begin(fetch, known.source.kind);
    const { signal } = ongoing.control;
    this.goodput.setBusy(true, this.now);
    const startedAt = this.now;
    const round = known.record.begin(startedAt);
    const arrivals = new Arrivals(this.#arrivalsHost, { fetch, source: id }, known);
    let fault: Fault | undefined;
    try {
      const done = await this.#threadRuns.fetch(known, run, arrivals, signal);
      const rest = { first: run.first + done, count: run.count - done };
      if (rest.count > 0) fault = await this.#fetchHere(id, known, rest, arrivals, round, ongoing);
    } catch (error) {
      // The disk, not the source: nothing else will help.
      if (!signal.aborted) this.#end(error);
    }
    this.#fetches.end(fetch);
    const wasSilent = signal.aborted && known.record.wasSilent(startedAt, this.now);
    if (known.source.kind === 'cache' && (fault || wasSilent)) this.#options.onCache(false);
    if (this.#fetches.size === 0) this.goodput.setBusy(false, this.now);
    this.#tell({ type: 'fetchEnded', fetch, ...(fault && { fault }) });
  }

  /** @returns what was wrong with the source. @throws what the disk does. */
  async #fetchHere(
    id: number,
    known: TransferSource,
    run: PieceRun,
    arrivals: Arrivals,
    round: number,
    { control: { signal }, kind, left }: Ongoing,
  ): Promise<Fault | undefined> {
    const sink = arrivals.sink(run, this.#pool, signal);
    const { geometry, rates } = this.#options;
    const limited = rates.limit(known.source, trafficOf(known.origin), sink, signal);
    let fault: Fault | undefined;
    const fetched = known.source.fetch(runRange(geometry, run), limited.sink, signal);
    try {
      // A peer in the middle of a block holds the buffer until it sends on or is dropped: only that is left.
      await (kind === 'peer' ? Promise.race([fetched, left.promise]) : fetched);
    } catch (error) {
      if (!signal.aborted) fault = this.#faultOf(id, known, toSluiceError(error), round);
    }
    limited.end();
    await sink.finish(fetched);
    return fault;
  }

  #tell(event: SchedulerEvent): void {
    this.#scheduler.handle(event, this.now);
    this.wake();
  }

  #faultOf(
    id: number,
    { source }: TransferSource,
    error: SluiceError,
    round: number,
  ): Fault | undefined {
    this.#options.logger.debug({ source: source.label, err: error }, 'fetch failed');
    if (error.code === 'SourceNoRanges' && !this.#options.isMirror(source)) {
      this.#scheduler.handle({ type: 'sourceSequential', source: id }, this.now);
      return undefined;
    }
    if (error.code === 'SourceChanged' && this.#options.mustStaySame(source)) this.#end(error);
    return this.#sources.failed(id, error, round, this.now);
  }
}
