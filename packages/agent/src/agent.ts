import { mkdir } from 'node:fs/promises';
import {
  type AgentStatus,
  type Clock,
  type DownloadRequest,
  type PeerId,
  sluiceError,
} from '@sluice/protocol';
import { type Logger, pino } from 'pino';
import { systemClock } from './clock/system-clock.ts';
import { ContentHub } from './content/content-hub.ts';
import { Download, type DownloadOptions } from './download/download.ts';
import { deviceIdentity } from './identity/device-identity.ts';
import { type Job, JobStore } from './jobs/job-store.ts';
import { CloudClient } from './services/cloud-client.ts';
import {
  type ContentStore,
  createPieceWorker,
  openContentStore,
  type PieceWorker,
} from './store/index.ts';
import { agentVersion } from './version.ts';

/** TCP port of the swarm protocol (wire.md §2). */
const defaultPeerPort = 7680;
/** Ended downloads that are still listed. */
const maxListed = 1_000;

export interface AgentOptions {
  /** Store, identity and jobs live here. */
  dataDir: string;
  cloudUrl?: string | undefined;
  /** `host[:port]`, best first. */
  cacheHosts?: string[] | undefined;
  /** TCP port for peers, 7680 if not given; 0 = any. A given port that is in use is an error. */
  peerPort?: number | undefined;
  /** Address to take peers on; all if not given. */
  listenHost?: string | undefined;
  /** Keep jobs over restarts: a service does, a single download does not. */
  persistent?: boolean | undefined;
  logger?: Logger | undefined;
  clock?: Clock | undefined;
  random?: (() => number) | undefined;
}

/** The device: its downloads, its store and its peers. */
export interface Agent extends AsyncDisposable {
  readonly peerId: PeerId;
  /** 0 until peers are first needed. */
  readonly peerPort: number;
  /**
   * Starts a download. @param options.keep share the content afterwards (default true).
   * @throws Disk errors when the job cannot be kept.
   */
  download(request: DownloadRequest, options?: { keep?: boolean }): Promise<Download>;
  downloads(): Download[];
  find(id: string): Download | undefined;
  /** Ends a download, stops sharing its content and forgets it. @throws DownloadUnknown */
  remove(id: string): Promise<void>;
  status(): AgentStatus;
  close(): Promise<void>;
}

/** Opens the store and takes up the jobs of an earlier life. @throws ListenFailed, Disk errors. */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  const logger = options.logger ?? pino({ level: 'silent' });
  await mkdir(options.dataDir, { recursive: true });
  const peerId = await deviceIdentity(options.dataDir);
  const worker = createPieceWorker();
  const store = await openContentStore({ root: options.dataDir, worker });
  const agent = new DeviceAgent(options, { peerId, store, worker, logger });
  try {
    await agent.start();
    return agent;
  } catch (error) {
    await agent.close();
    throw error;
  }
}

class DeviceAgent implements Agent {
  readonly peerId: PeerId;
  readonly #options: AgentOptions;
  readonly #store: ContentStore;
  readonly #worker: PieceWorker;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #hub: ContentHub;
  readonly #jobs: JobStore;
  readonly #downloads = new Map<string, Download>();
  readonly #clouds = new Map<string, CloudClient>();

  constructor(
    options: AgentOptions,
    parts: { peerId: PeerId; store: ContentStore; worker: PieceWorker; logger: Logger },
  ) {
    this.peerId = parts.peerId;
    this.#options = options;
    this.#store = parts.store;
    this.#worker = parts.worker;
    this.#logger = parts.logger;
    this.#clock = options.clock ?? systemClock;
    this.#jobs = new JobStore(options.dataDir, parts.logger);
    this.#hub = new ContentHub({
      store: parts.store,
      self: parts.peerId,
      listenHost: options.listenHost,
      peerPort: options.peerPort ?? defaultPeerPort,
      anyPortIfBusy: options.peerPort === undefined,
      clock: this.#clock,
      logger: parts.logger,
    });
  }

  get peerPort(): number {
    return this.#hub.peerPort;
  }

  async start(): Promise<void> {
    if (!this.#options.persistent) return;
    await this.#hub.listen();
    for (const job of await this.#jobs.all()) {
      this.#begin(job.Request, { id: job.Id, keep: true, delivered: job.Delivered });
    }
  }

  async download(request: DownloadRequest, options?: { keep?: boolean }): Promise<Download> {
    const download = this.#begin(request, { keep: options?.keep ?? true });
    if (this.#options.persistent) {
      await this.#jobs.put({ Id: download.id, Request: request, Delivered: false });
    }
    return download;
  }

  downloads(): Download[] {
    return [...this.#downloads.values()];
  }

  find(id: string): Download | undefined {
    return this.#downloads.get(id);
  }

  async remove(id: string): Promise<void> {
    const download = this.#downloads.get(id);
    if (!download) throw sluiceError('DownloadUnknown', { id });
    await download.release();
    this.#downloads.delete(id);
    await this.#jobs.remove(id);
  }

  status(): AgentStatus {
    return {
      Version: agentVersion,
      Pid: process.pid,
      PeerId: this.peerId,
      PeerPort: this.peerPort,
      CloudUrl: this.#options.cloudUrl ?? null,
      Downloads: this.downloads().map((d) => d.status()),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.downloads().map((d) => d.abort()));
    await this.#hub.close();
    await this.#store.close();
    await this.#worker.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #begin(request: DownloadRequest, options: DownloadOptions): Download {
    const download = new Download(request, options, {
      hub: this.#hub,
      cloudFor: (r) => this.#cloudFor(r.CloudUrl ?? this.#options.cloudUrl),
      cacheHosts: this.#options.cacheHosts ?? [],
      self: this.peerId,
      clock: this.#clock,
      random: this.#options.random ?? Math.random,
      logger: this.#logger,
    });
    this.#downloads.set(download.id, download);
    this.#forgetOld();
    if (this.#options.persistent) this.#keepJob(download);
    return download;
  }

  /** A job stays until it fails for good or is removed; an abort by shutdown leaves it for next time. */
  #keepJob(download: Download): void {
    download.finished
      .then(async ({ State }) => {
        const job: Job = { Id: download.id, Request: download.request, Delivered: true };
        if (State === 'Failed') await this.#jobs.remove(download.id);
        else if (State === 'Finalized') await this.#jobs.put(job);
      })
      .catch((err: unknown) => this.#logger.error({ err }, 'a job could not be stored'));
  }

  #forgetOld(): void {
    for (const [id, d] of this.#downloads) {
      if (this.#downloads.size <= maxListed) return;
      if (d.progress.state === 'Failed' || d.progress.state === 'Aborted')
        this.#downloads.delete(id);
    }
  }

  #cloudFor(url: string | undefined): CloudClient | undefined {
    if (url === undefined) return undefined;
    const known = this.#clouds.get(url);
    if (known) return known;
    const made = new CloudClient({ cloudUrl: url, clock: this.#clock, version: agentVersion });
    this.#clouds.set(url, made);
    return made;
  }
}
