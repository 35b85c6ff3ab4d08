import { createHash, randomUUID } from 'node:crypto';
import type { DecisionLog } from '@sluice/engine';
import {
  type Clock,
  type DownloadRequest,
  type DownloadState,
  type DownloadStatus,
  type DownloadWhy,
  isFinalState,
  isSluiceError,
  type PeerId,
  type SluiceError,
  sluiceError,
  type Tracer,
  toSluiceError,
} from '@sluice/protocol';
import type { Logger } from 'pino';
import type { Usage } from '../accounting/usage.ts';
import type { CacheHostFinder } from '../cache-hosts/cache-host-finder.ts';
import type { ContentHub } from '../content/content-hub.ts';
import type { HostWatch } from '../host/host-watch.ts';
import type { TrustedContent } from '../jobs/job.ts';
import type { Live } from '../policy/live.ts';
import { LiveValue } from '../policy/live-value.ts';
import type { DownloadSettings } from '../policy/overlaid.ts';
import type { RateControl } from '../rate/rate-control.ts';
import type { CloudClient } from '../services/cloud-client.ts';
import { publicUrl } from '../services/public-url.ts';
import type { SignatureCheck } from '../signing/signature-check.ts';
import type { HostSlots } from '../source/http/wire/host-slots.ts';
import type { Proxies } from '../source/proxy/index.ts';
import { DownloadLog } from '../why/download-log.ts';
import { whyOf } from '../why/why-of.ts';
import type { DownloadOptions } from './download-options.ts';
import { newProgress } from './download-progress.ts';
import { fetchContent } from './fetch-content.ts';
import type { Holds } from './holds.ts';
import { logEnd } from './log-end.ts';
import { countFrom, noCounters, type Origin, originTag, trafficOf } from './origin-tag.ts';
import type { Slots } from './slots.ts';
import { statusOf } from './status.ts';
import { connectionsOf, surroundingsOf } from './surroundings.ts';
import type { Turns } from './turns.ts';

/** How often watchers hear of progress. */
const progressMs = 250;

/** What downloads need of their device. */
export interface DownloadContext {
  hub: ContentHub;
  turns: Turns;
  slots: Slots;
  holds: Holds;
  rates: RateControl;
  /** The cloud of this request, or the device's own. */
  cloudFor: (request: DownloadRequest) => CloudClient | undefined;
  cacheHosts: CacheHostFinder;
  proxies: Proxies;
  /** Connections to one host, of all downloads together. */
  hostSlots: HostSlots;
  /** The group of this device, when it has one. */
  group: () => Promise<string | undefined>;
  settings: DownloadSettings;
  host: HostWatch;
  usage: Usage;
  signatures: SignatureCheck | undefined;
  tracer: Tracer | undefined;
  self: PeerId;
  today: () => Date;
  clock: Clock;
  random: () => number;
  logger: Logger;
}

/** One download from request to delivered file: Created → Transferring → Transferred → Finalized. */
export class Download {
  readonly id: string;
  readonly options: DownloadOptions;
  /** Resolves when the download has ended, well or not: see `State` and `Error`. */
  readonly finished: Promise<DownloadStatus>;
  readonly counters = noCounters();
  readonly progress = newProgress();
  readonly #log = new DownloadLog();
  readonly #context: DownloadContext;
  readonly #abort = new AbortController();
  readonly #watchers = new Set<(status: DownloadStatus) => void>();
  readonly #startedAt: number;
  readonly #foreground: LiveValue<boolean>;
  #request: DownloadRequest;
  #trusted: TrustedContent | undefined;
  #endedAt: number | undefined;
  /** Until when its running time has been accounted. */
  #accountedAt: number;
  #error: SluiceError | undefined;
  #stopProgress: () => void = () => {};

  /** @param request one that `checkRequest` has passed. */
  constructor(request: DownloadRequest, options: DownloadOptions, context: DownloadContext) {
    this.id = options.id ?? randomUUID();
    this.#request = request;
    this.#foreground = new LiveValue(request.Foreground ?? false);
    this.options = options;
    this.#trusted = options.trusted;
    this.#context = context;
    this.#startedAt = context.clock.now();
    this.#accountedAt = this.#startedAt;
    this.finished = this.#run();
  }

  /** What was asked; `Foreground` as it is now. */
  get request(): DownloadRequest {
    return this.#request;
  }

  /** Whether somebody waits for it. */
  get foreground(): Live<boolean> {
    return this.#foreground;
  }

  /** @throws DownloadOver */
  setForeground(foreground: boolean): void {
    const { state } = this.progress;
    if (isFinalState(state)) throw sluiceError('DownloadOver', { id: this.id, state });
    // What it ran until now counts for the other side.
    this.#accountTime();
    this.#request = { ...this.#request, Foreground: foreground };
    this.#foreground.set(foreground);
    this.options.onForeground?.(this);
    this.#notify();
  }

  get fileId(): string {
    return createHash('sha256').update(this.request.Url).digest('hex');
  }

  get publicUrl(): string {
    return publicUrl(this.request.Url);
  }

  /** What the publisher said of the content. */
  get trusted(): TrustedContent | undefined {
    return this.#trusted;
  }

  trust(content: TrustedContent): void {
    this.#trusted = content;
    this.options.onTrusted?.(this);
  }

  /** Good bytes came that were not here before. */
  received(from: Origin, bytes: number): void {
    countFrom(this.counters, originTag(from), bytes);
    const traffic = trafficOf(from);
    this.progress.came[traffic] += bytes;
    this.#context.usage.received(traffic, bytes, this.#foreground.current);
  }

  /** Why it ended, when it did not end well. */
  get error(): SluiceError | undefined {
    return this.#error;
  }

  /** Where its decisions are recorded. */
  get log(): DecisionLog {
    return this.#log.decisions;
  }

  /** Why its bytes came from where they came, and what was ruled out. */
  why(): DownloadWhy {
    return whyOf(this.status(), this.#log, this.progress, this.#startedAt);
  }

  status(): DownloadStatus {
    const { clock } = this.#context;
    const p = this.progress;
    return statusOf({
      ...p,
      ...p.waste,
      notes: p.findings.notes(),
      id: this.id,
      fileId: this.fileId,
      url: this.publicUrl,
      output: this.request.Output,
      foreground: this.#foreground.current,
      inCache: p.onDisk(),
      counters: this.counters,
      bytesPerSecond: p.transfer?.goodput.rate(clock.now()) ?? 0,
      durationMs: (this.#endedAt ?? clock.now()) - this.#startedAt,
      httpConnections: connectionsOf(p.sources, 'http'),
      cacheConnections: connectionsOf(p.sources, 'cache'),
      swarm: p.shared?.swarm,
      numPeers: p.shared?.namedPeers ?? 0,
      seeding: p.shared?.entry !== undefined,
      caller: this.request.PredefinedCallerApplication,
      caching: p.shared?.entry?.caching,
      maxAge: this.#context.settings.current,
      error: this.#error,
    });
  }

  /** @returns a function that ends the subscription. */
  subscribe(fn: (status: DownloadStatus) => void): () => void {
    // No timer for those that nobody watches: thousands may wait for their turn.
    if (this.#watchers.size === 0 && !isFinalState(this.progress.state)) this.#reportProgress();
    this.#watchers.add(fn);
    return () => {
      this.#watchers.delete(fn);
      if (this.#watchers.size === 0) this.#stopProgress();
    };
  }

  /** Ends it where it is; what was fetched stays for the next try. @param failure it failed, by this */
  async abort(failure?: SluiceError): Promise<void> {
    this.#abort.abort(failure);
    await this.finished;
  }

  /** Ends it and stops sharing, unless another download shares the same content. */
  async release(): Promise<void> {
    await this.abort();
    const { shared } = this.progress;
    this.progress.shared = undefined;
    if (shared) await this.#context.holds.release(shared, this.id);
  }

  setState(state: DownloadState): void {
    this.progress.state = state;
    if (isFinalState(state)) {
      this.#endedAt = this.#context.clock.now();
      this.#settle();
    }
    this.#notify();
  }

  async #run(): Promise<DownloadStatus> {
    let outcome: DownloadState = 'Finalized';
    try {
      await this.#inTurn(this.#abort.signal);
    } catch (error) {
      const { aborted, reason } = this.#abort.signal;
      outcome = aborted && !isSluiceError(reason) ? 'Aborted' : 'Failed';
      this.#error = toSluiceError(aborted ? reason : error);
      this.#context.logger.info({ err: error, download: this.id }, 'a download failed');
    }
    this.#stopProgress();
    this.#accountTime();
    if (outcome === 'Finalized' && !this.options.delivered) this.#context.usage.fileDownloaded();
    this.setState(outcome);
    const status = this.status();
    if (!this.options.delivered) logEnd(this.#context, status, this.#trusted);
    return status;
  }

  async #inTurn(signal: AbortSignal): Promise<void> {
    const { owner = '', delivered } = this.options;
    const fetch = () => fetchContent(this, this.#context, signal);
    // What is only shared fetches nothing, and ends at once.
    if (delivered) return fetch();
    const { foreground } = this;
    await this.#context.slots.run({ owner, foreground }, signal, fetch);
  }

  /** Lets go of what only a running download needs: ended ones are listed for long. */
  #settle(): void {
    this.#log.end(this.progress);
    this.progress.atEnd = surroundingsOf(this.progress);
    const onDisk = this.progress.onDisk();
    this.progress.onDisk = () => onDisk;
    this.progress.transfer = undefined;
    this.progress.peersOf = undefined;
    this.progress.sources = [];
  }

  #accountTime(): void {
    const now = this.#context.clock.now();
    const ms = now - this.#accountedAt;
    this.#accountedAt = now;
    if (!this.options.delivered) this.#context.usage.ran(ms, this.#foreground.current);
  }

  #reportProgress(): void {
    this.#stopProgress = this.#context.clock.setTimer(progressMs, () => {
      this.#accountTime();
      this.#notify();
      this.#reportProgress();
    });
  }

  #notify(): void {
    if (this.#watchers.size === 0) return;
    const status = this.status();
    for (const fn of this.#watchers) {
      try {
        fn(status);
      } catch (err) {
        this.#context.logger.error({ err }, 'a watcher of a download failed');
      }
    }
  }
}
