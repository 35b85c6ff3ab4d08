import { createHash, randomUUID } from 'node:crypto';
import {
  type Clock,
  type DownloadModeName,
  type DownloadRequest,
  type DownloadState,
  type DownloadStatus,
  isFinalState,
  type PeerId,
  type SluiceError,
  toSluiceError,
} from '@sluice/protocol';
import type { Logger } from 'pino';
import type { ContentHub } from '../content/content-hub.ts';
import type { SharedContent } from '../content/shared-content.ts';
import type { CloudClient } from '../services/cloud-client.ts';
import type { Source } from '../source/index.ts';
import type { ContentEntry } from '../store/index.ts';
import { fetchContent } from './fetch-content.ts';
import { noCounters } from './origin-tag.ts';
import { statusOf } from './status.ts';
import type { Transfer } from './transfer.ts';

/** How often watchers hear of progress. */
const progressMs = 250;

/** What downloads need of their device. */
export interface DownloadContext {
  hub: ContentHub;
  /** The cloud of this request, or the device's own. */
  cloudFor: (request: DownloadRequest) => CloudClient | undefined;
  cacheHosts: string[];
  self: PeerId;
  clock: Clock;
  random: () => number;
  logger: Logger;
}

export interface DownloadOptions {
  id?: string | undefined;
  /** Keep a copy in the store and share it after it was delivered. */
  keep: boolean;
  /** The file was delivered in an earlier life of the agent: only share it. */
  delivered?: boolean | undefined;
}

/** What the steps of a download write down, and its status is made of. */
export interface DownloadProgress {
  state: DownloadState;
  mode: DownloadModeName;
  modeReason: string;
  fileSize: number;
  resumedBytes: number;
  cacheHost: string | undefined;
  sources: Source[];
  entry: ContentEntry | undefined;
  shared: SharedContent | undefined;
  transfer: Transfer | undefined;
  sha256: string | undefined;
  verified: boolean;
  notes: string[];
}

/** One download from request to delivered file: Created → Transferring → Transferred → Finalized. */
export class Download {
  readonly id: string;
  readonly request: DownloadRequest;
  readonly options: DownloadOptions;
  /** Resolves when the download has ended, well or not: see `State` and `Error`. */
  readonly finished: Promise<DownloadStatus>;
  readonly counters = noCounters();
  readonly progress: DownloadProgress = {
    state: 'Created',
    mode: 'Simple',
    modeReason: 'not settled yet',
    fileSize: 0,
    resumedBytes: 0,
    cacheHost: undefined,
    sources: [],
    entry: undefined,
    shared: undefined,
    transfer: undefined,
    sha256: undefined,
    verified: false,
    notes: [],
  };
  readonly #context: DownloadContext;
  readonly #abort = new AbortController();
  readonly #watchers = new Set<(status: DownloadStatus) => void>();
  readonly #startedAt: number;
  #endedAt: number | undefined;
  #error: SluiceError | undefined;
  #stopProgress: () => void = () => {};

  constructor(request: DownloadRequest, options: DownloadOptions, context: DownloadContext) {
    this.id = options.id ?? randomUUID();
    this.request = request;
    this.options = options;
    this.#context = context;
    this.#startedAt = context.clock.now();
    this.finished = this.#run();
  }

  status(): DownloadStatus {
    const { clock } = this.#context;
    const p = this.progress;
    const running = !isFinalState(p.state);
    return statusOf({
      ...p,
      id: this.id,
      fileId: createHash('sha256').update(this.request.Url).digest('hex'),
      url: withoutCredentials(this.request.Url),
      output: this.request.Output,
      foreground: this.request.Foreground ?? false,
      inCache: bytesInCache(p),
      counters: this.counters,
      duplicateBytes: p.transfer?.duplicateBytes ?? 0,
      badPieces: p.transfer?.badPieces ?? 0,
      bytesPerSecond: running ? (p.transfer?.goodput.rate(clock.now()) ?? 0) : 0,
      durationMs: (this.#endedAt ?? clock.now()) - this.#startedAt,
      httpConnections: connectionsOf(p.sources, 'http'),
      cacheConnections: connectionsOf(p.sources, 'cache'),
      swarm: p.shared?.swarm,
      numPeers: p.shared?.namedPeers ?? 0,
      seeding: p.shared?.entry !== undefined,
      error: this.#error,
    });
  }

  /** @returns a function that ends the subscription. */
  subscribe(fn: (status: DownloadStatus) => void): () => void {
    this.#watchers.add(fn);
    return () => this.#watchers.delete(fn);
  }

  /** Ends it where it is; what was fetched stays for the next try. */
  async abort(): Promise<void> {
    this.#abort.abort();
    await this.finished;
  }

  /** Stops sharing, as when the agent ends. */
  async release(): Promise<void> {
    await this.abort();
    await this.progress.shared?.close();
  }

  setState(state: DownloadState): void {
    this.progress.state = state;
    this.#notify();
  }

  async #run(): Promise<DownloadStatus> {
    this.#reportProgress();
    try {
      await fetchContent(this, this.#context, this.#abort.signal);
      this.setState('Finalized');
    } catch (error) {
      this.#error = this.#abort.signal.aborted
        ? toSluiceError(new DOMException('aborted', 'AbortError'))
        : toSluiceError(error);
      this.#context.logger.info({ err: error, url: this.status().SourceURL }, 'download ended');
      this.setState(this.#abort.signal.aborted ? 'Aborted' : 'Failed');
    } finally {
      this.#stopProgress();
      this.#endedAt = this.#context.clock.now();
    }
    this.#notify();
    return this.status();
  }

  #reportProgress(): void {
    this.#stopProgress = this.#context.clock.setTimer(progressMs, () => {
      this.#notify();
      this.#reportProgress();
    });
  }

  #notify(): void {
    if (this.#watchers.size === 0) return;
    const status = this.status();
    for (const fn of this.#watchers) fn(status);
  }
}

function bytesInCache({ entry, fileSize, state }: DownloadProgress): number {
  if (state === 'Transferred' || state === 'Finalized') return fileSize;
  if (!entry || entry.pieces.length === 0) return 0;
  const { count, length } = entry.pieces;
  return count === length ? fileSize : Math.floor((fileSize * count) / length);
}

function connectionsOf(sources: Source[], kind: Source['kind']): number {
  return sources.reduce((n, s) => n + (s.kind === kind ? s.activeConnections : 0), 0);
}

function withoutCredentials(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}
