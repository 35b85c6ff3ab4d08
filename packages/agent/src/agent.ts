import { randomUUID } from 'node:crypto';
import { type GateSettings, readSettings } from '@sluice/engine';
import {
  type AgentStatus,
  type Clock,
  type DownloadRequest,
  isFinalState,
  type PeerId,
  sluiceError,
} from '@sluice/protocol';
import { type Logger, pino } from 'pino';
import type { AgentOptions } from './agent-options.ts';
import { systemClock } from './clock/system-clock.ts';
import { ContentHub } from './content/content-hub.ts';
import { claimDataDir } from './data-dir/claim-data-dir.ts';
import { checkHttpUrl, checkRequest } from './download/check-request.ts';
import { Download, type DownloadContext, type DownloadOptions } from './download/download.ts';
import { Holds } from './download/holds.ts';
import { Turns } from './download/turns.ts';
import { MonthlyUploads } from './gates/monthly-uploads.ts';
import { UploadGate } from './gates/upload-gate.ts';
import { HostWatch } from './host/host-watch.ts';
import { SystemProbe } from './host/system-probe.ts';
import { deviceIdentity } from './identity/device-identity.ts';
import type { Job } from './jobs/job.ts';
import { JobKeeper } from './jobs/job-keeper.ts';
import { JobStore } from './jobs/job-store.ts';
import { checkDiscovery, discoveryOf } from './local-discovery/discovery-of.ts';
import { ownAddressesOf } from './network/own-address.ts';
import { RateControl } from './rate/rate-control.ts';
import { CloudClient } from './services/cloud-client.ts';
import { HostSlots } from './source/http/wire/host-slots.ts';
import { Proxies } from './source/proxy/index.ts';
import { type ContentStore, createPieceWorker, openContentStore } from './store/index.ts';
import { agentVersion } from './version.ts';

/** TCP port of the swarm protocol (wire.md §2). */
const defaultPeerPort = 7680;
/** Ended downloads that are still listed. */
const maxListed = 1_000;

/** The device: its downloads, its store and its peers. */
export interface Agent extends AsyncDisposable {
  readonly peerId: PeerId;
  /** 0 until peers are first needed. */
  readonly peerPort: number;
  /**
   * Starts a download. @param options.keep share the content afterwards (default true).
   * @throws InvalidArgument; Disk errors when the job cannot be kept; Cancelled after `close`.
   */
  download(request: DownloadRequest, options?: { keep?: boolean }): Promise<Download>;
  downloads(): Download[];
  find(id: string): Download | undefined;
  /** Ends a download, stops sharing its content and forgets it. @throws DownloadUnknown */
  remove(id: string): Promise<void>;
  status(): AgentStatus;
  /** Does in quiet what the first download would otherwise wait for. For a service; may be left out. */
  prepare(): Promise<void>;
  /** Ends everything within seconds; what was fetched stays, to be gone on with. Closing twice is no fault. */
  close(): Promise<void>;
}

/**
 * Claims the data directory, opens the store and takes up the jobs of an earlier life.
 * @throws AgentRunning, InvalidArgument, ListenFailed, Disk errors.
 */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  const { dataDir, cloudUrl, logger = pino({ level: 'silent' }), clock = systemClock } = options;
  if (cloudUrl !== undefined) checkHttpUrl('cloudUrl', cloudUrl);
  const settings = readSettings(options.settings);
  checkDiscovery(options);
  const proxies = new Proxies(
    { proxy: options.proxy, user: options.proxyUser },
    options.env ?? {},
    clock,
  );
  const claim = await claimDataDir(dataDir);
  await using undo = new AsyncDisposableStack();
  undo.defer(() => claim.release());
  const peerId = await deviceIdentity(dataDir);
  const worker = undo.use(createPieceWorker());
  const onDamaged = (what: object) => logger.warn(what, 'a stored content is damaged');
  const store = await openContentStore({ root: dataDir, worker, clock, onDamaged });
  undo.defer(() => store.close());
  const probe = options.hostProbe ?? new SystemProbe({ logger });
  const host = new HostWatch({ probe, dir: dataDir, clock, logger });
  const today = options.today ?? (() => new Date());
  const month = await MonthlyUploads.open({ dataDir, clock, today, logger });
  undo.defer(() => month.close());
  const uploads = new UploadGate(settings, host, month);
  const parts = { peerId, proxies, store, settings, host, uploads, logger, clock };
  const agent = new DeviceAgent(options, parts);
  undo.defer(() => agent.end());
  await agent.start();
  agent.owns(undo.move());
  return agent;
}

/** What the device is made of. */
interface Parts {
  peerId: PeerId;
  proxies: Proxies;
  store: ContentStore;
  settings: GateSettings;
  host: HostWatch;
  uploads: UploadGate;
  logger: Logger;
  clock: Clock;
}

class DeviceAgent implements Agent {
  readonly peerId: PeerId;
  readonly #options: AgentOptions;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #hub: ContentHub;
  readonly #jobs: JobStore;
  readonly #keeper: JobKeeper;
  readonly #context: DownloadContext;
  readonly #downloads = new Map<string, Download>();
  readonly #clouds = new Map<string, CloudClient>();
  #closing: Promise<void> | undefined;
  #owned: AsyncDisposableStack | undefined;

  constructor(options: AgentOptions, parts: Parts) {
    const { peerId, store, settings, host, uploads, logger, clock } = parts;
    this.peerId = peerId;
    this.#options = options;
    this.#logger = logger;
    this.#clock = clock;
    this.#jobs = new JobStore(options.dataDir, logger);
    this.#keeper = new JobKeeper(this.#jobs, logger);
    const own = ownAddressesOf(options.listenHost, clock);
    const restriction = options.restrictPeerSelectionBy ?? 'none';
    const rates = new RateControl(clock, options.limits);
    this.#hub = new ContentHub({
      store,
      self: peerId,
      network: { own, restriction },
      discovery: discoveryOf(options, { self: peerId, own, clock, logger }),
      listenHost: options.listenHost,
      peerPort: options.peerPort ?? defaultPeerPort,
      anyPortIfBusy: options.peerPort === undefined,
      uploads,
      clock,
      logger,
      uploadThrottle: (peerClass) => rates.uploads(peerClass),
    });
    const turns = new Turns(this.#hub.mutex);
    this.#context = {
      hub: this.#hub,
      turns,
      holds: new Holds(turns),
      rates,
      cloudFor: (r) => this.#cloudFor(r.CloudUrl ?? options.cloudUrl),
      cacheHosts: options.cacheHosts ?? [],
      proxies: parts.proxies,
      slots: new HostSlots(options.maxConnectionsPerHost),
      settings,
      host,
      self: peerId,
      clock,
      random: options.random ?? Math.random,
      logger,
    };
  }

  get peerPort(): number {
    return this.#hub.peerPort;
  }

  async start(): Promise<void> {
    if (!this.#options.persistent) return;
    await this.#hub.listen();
    for (const job of await this.#jobs.all()) this.#resume(job);
  }

  async download(request: DownloadRequest, options?: { keep?: boolean }): Promise<Download> {
    checkRequest(request);
    if (this.#closing) throw sluiceError('Cancelled');
    const id = randomUUID();
    if (this.#options.persistent) {
      await this.#keeper.accept({ Id: id, Request: request, Delivered: false });
    }
    // Accepted all the same: it is taken up when the agent runs again.
    if (this.#closing) throw sluiceError('Cancelled');
    return this.#begin(request, { id, keep: options?.keep ?? true });
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
    await this.#keeper.remove(id);
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

  async prepare(): Promise<void> {
    await this.#cloudFor(this.#options.cloudUrl)?.prepare();
  }

  /** What ends with the agent. */
  owns(resources: AsyncDisposableStack): void {
    this.#owned = resources;
  }

  close(): Promise<void> {
    this.#closing ??= this.#owned?.disposeAsync() ?? this.end();
    return this.#closing;
  }

  /** Ends all downloads and connections. */
  async end(): Promise<void> {
    await Promise.all(this.downloads().map((d) => d.abort()));
    this.#context.proxies.close();
    await this.#hub.close();
    await Promise.all([...this.#clouds.values()].map((c) => c.close()));
    await this.#keeper.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #resume(job: Job): void {
    try {
      checkRequest(job.Request);
      const { Id: id, Delivered: delivered, Trusted: trusted } = job;
      this.#begin(job.Request, { id, keep: true, delivered, trusted });
    } catch (err) {
      this.#logger.warn({ err, job: job.Id }, 'a stored job cannot be taken up');
    }
  }

  #begin(request: DownloadRequest, options: DownloadOptions): Download {
    const { persistent } = this.#options;
    const onTrusted = persistent ? (d: Download) => this.#keeper.update(d) : undefined;
    const download = new Download(request, { ...options, onTrusted }, this.#context);
    this.#downloads.set(download.id, download);
    this.#forgetOld();
    if (persistent) this.#keeper.follow(download);
    return download;
  }

  /** Ended downloads are listed for long, but not without end; those that are shared stay. */
  #forgetOld(): void {
    for (const [id, { progress }] of this.#downloads) {
      if (this.#downloads.size <= maxListed) return;
      if (isFinalState(progress.state) && !progress.shared) this.#downloads.delete(id);
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
