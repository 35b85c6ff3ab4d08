import { randomUUID } from 'node:crypto';
import {
  type AgentStatus,
  type DownloadRequest,
  isFinalState,
  type PeerId,
  sluiceError,
} from '@sluice/protocol';
import type { Logger } from 'pino';
import type { AgentAdmin } from './admin/agent-admin.ts';
import { Attendants } from './admin/attendants.ts';
import type { Agent, StartOptions } from './agent.ts';
import type { AgentOptions } from './agent-options.ts';
import type { Parts } from './agent-parts.ts';
import type { AgentCache } from './cache/agent-cache.ts';
import { CacheHostFinder } from './cache-hosts/cache-host-finder.ts';
import { CacheNodeBrowser } from './cache-hosts/cache-node-browser.ts';
import { ContentHub } from './content/content-hub.ts';
import { noDhcp } from './dhcp/dhcp-options.ts';
import { checkRequest } from './download/check-request.ts';
import { Download, type DownloadContext } from './download/download.ts';
import type { DownloadOptions } from './download/download-options.ts';
import { Holds } from './download/holds.ts';
import { Slots } from './download/slots.ts';
import { Turns } from './download/turns.ts';
import { feedOf } from './events/feed-of.ts';
import { findGroup } from './group/find-group.ts';
import { noGroupFacts } from './group/group-facts.ts';
import type { Job } from './jobs/job.ts';
import { JobKeeper } from './jobs/job-keeper.ts';
import { JobStore } from './jobs/job-store.ts';
import { discoveryOf } from './local-discovery/discovery-of.ts';
import { ownAddressesOf } from './network/own-address.ts';
import type { LiveSettings } from './policy/live-settings.ts';
import { networkOf, watchRestriction } from './policy/network-of.ts';
import { overlaid } from './policy/overlaid.ts';
import { CloudClients } from './services/cloud-clients.ts';
import { SignatureCheck } from './signing/signature-check.ts';
import { HostSlots } from './source/http/wire/host-slots.ts';
import type { CachingRecord } from './store/index.ts';
import { agentVersion } from './version.ts';

/** TCP port of the swarm protocol (wire.md §2). */
const defaultPeerPort = 7680;
/** Ended downloads that are still listed. */
const maxListed = 1_000;

export class DeviceAgent implements Agent {
  readonly peerId: PeerId;
  readonly settings: LiveSettings;
  readonly #unwatch: () => void;
  readonly #options: AgentOptions;
  readonly #logger: Logger;
  readonly #cacheNodes: CacheNodeBrowser | undefined;
  readonly #hub: ContentHub;
  readonly #jobs: JobStore;
  readonly #keeper: JobKeeper;
  readonly #attendants: Attendants;
  readonly #context: DownloadContext;
  readonly #downloads = new Map<string, Download>();
  readonly #clouds: CloudClients;
  readonly #events: ReturnType<typeof feedOf>;
  #closing: Promise<void> | undefined;
  #owned: AsyncDisposableStack | undefined;

  constructor(options: AgentOptions, parts: Parts) {
    const { peerId, store, settings, host, usage, uploads, rates, logger, clock, today } = parts;
    this.peerId = peerId;
    this.#options = options;
    this.#logger = logger;
    this.#jobs = new JobStore(options.dataDir, logger);
    this.#keeper = new JobKeeper(this.#jobs, logger);
    const own = ownAddressesOf(options.listenHost, clock);
    const { dhcp = noDhcp, groupFacts = noGroupFacts } = options;
    this.#hub = new ContentHub({
      store,
      self: peerId,
      network: networkOf(settings, own),
      discovery: discoveryOf(options, { self: peerId, own, clock, logger }),
      listenHost: options.listenHost,
      peerPort: options.peerPort ?? defaultPeerPort,
      anyPortIfBusy: options.peerPort === undefined,
      uploads,
      clock,
      logger,
      membership: parts.sessions,
      uploadPace: (to, address) => rates.uploadsTo(to, address),
      onFirstUpload: () => usage.fileUploaded(),
    });
    this.settings = settings;
    const looksAround = (options.localDiscovery ?? true) === true;
    // Found for later downloads: without any, the search would only take time from the one there is.
    const findsCacheNodes = looksAround && options.persistent === true;
    this.#cacheNodes = findsCacheNodes ? new CacheNodeBrowser({ own, clock, logger }) : undefined;
    this.#clouds = new CloudClients({ ...options, ...parts, own: options.cloudUrl, self: peerId });
    this.#unwatch = watchRestriction(settings, this.#hub);
    const turns = new Turns(this.#hub.mutex);
    const holds = new Holds(turns);
    this.#attendants = new Attendants(options, parts, {
      hub: this.#hub,
      holds,
      downloads: () => this.#downloads.values(),
      forget: (d) => this.#forget(d),
      refetch: (d, caching) => this.#refetch(d, caching),
      peerPort: () => this.peerPort,
      cloud: () => this.#clouds.of(options.cloudUrl),
    });
    const group = () => findGroup(settings.current, groupFacts, dhcp, clock);
    const cloud = this.#clouds.of(options.cloudUrl);
    const agentStops = () => this.#closing !== undefined;
    this.#events = feedOf(options, parts, { cloud, group, agentStops });
    this.#context = {
      hub: this.#hub,
      turns,
      holds,
      slots: new Slots(options.maxConcurrentDownloads),
      rates,
      cloudFor: (r) => this.#clouds.of(r.CloudUrl ?? options.cloudUrl),
      cacheHosts: new CacheHostFinder({
        settings,
        dhcp,
        host,
        found: () => this.#cacheNodes?.found() ?? [],
      }),
      group,
      proxies: parts.proxies,
      hostSlots: new HostSlots(options.maxConnectionsPerHost),
      settings,
      host,
      usage,
      signatures: options.trustedKeys && new SignatureCheck(options.trustedKeys, clock, today),
      ...{ today, self: peerId, clock, tracer: parts.tracer },
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
    (await this.cache()).start();
    if (this.#options.cloudUrl !== undefined) await this.#attendants.watchBlocks();
    this.#events?.start();
  }

  async download(request: DownloadRequest, options: StartOptions = {}): Promise<Download> {
    this.settings.reloadIfOld();
    this.#check(request);
    if (this.#closing) throw sluiceError('Cancelled');
    const id = randomUUID();
    const isKept = this.#options.persistent && !options.managed;
    const accepted = isKept && this.#keeper.accept({ Id: id, Request: request, Delivered: false });
    // Not after the disk has it, which takes a busy one a tenth of a second: only the answer waits for that.
    const download = this.#begin(request, { keep: true, ...options, id });
    try {
      await accepted;
    } catch (error) {
      await this.remove(id);
      throw error;
    }
    // Accepted all the same: it is taken up when the agent runs again.
    if (this.#closing) throw sluiceError('Cancelled');
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
    await this.#forget(download);
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

  admin(): Promise<AgentAdmin> {
    return this.#attendants.admin();
  }

  cache(): Promise<AgentCache> {
    return this.#attendants.cache();
  }

  async prepare(): Promise<void> {
    // What is heard on the local network is there for the first download, which has no time to listen.
    void this.#context.cacheHosts.find(undefined, undefined);
    await this.#clouds.of(this.#options.cloudUrl)?.prepare();
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
    this.#unwatch();
    await Promise.all(this.downloads().map((d) => d.abort()));
    await this.#events?.close();
    await this.#attendants.close();
    this.#context.proxies.close();
    await this.#cacheNodes?.close();
    await this.#hub.close();
    await this.#clouds.close();
    await this.#keeper.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #forget({ id }: Download): Promise<void> {
    this.#downloads.delete(id);
    await this.#keeper.remove(id);
  }

  /** Under another id, so that what becomes of the old download touches nothing of it. */
  async #refetch(
    { request, trusted }: Download,
    caching: CachingRecord | undefined,
  ): Promise<void> {
    if (this.#closing) return;
    const id = randomUUID();
    if (this.#options.persistent) {
      const job = { Id: id, Request: request, Delivered: true };
      await this.#keeper.accept({ ...job, ...(trusted && { Trusted: trusted }) });
    }
    this.#begin(request, { id, keep: true, trusted, refetch: { caching } });
  }

  #check(request: DownloadRequest): void {
    const { DOGroupId, DOGroupIdSource } = this.settings.current;
    checkRequest(request, { hasGroup: Boolean(DOGroupId ?? DOGroupIdSource) });
  }

  #resume(job: Job): void {
    try {
      this.#check(job.Request);
      const { Id: id, Delivered: delivered, Trusted: trusted } = job;
      this.#begin(job.Request, { id, keep: true, delivered, trusted });
    } catch (err) {
      this.#logger.warn({ err, job: job.Id }, 'a stored job cannot be taken up');
    }
  }

  #begin(request: DownloadRequest, options: DownloadOptions & StartOptions): Download {
    const { managed, settings } = options;
    const { persistent } = this.#options;
    const update = persistent && !managed ? (d: Download) => this.#keeper.update(d) : undefined;
    const context = settings
      ? { ...this.#context, settings: overlaid(this.settings, settings) }
      : this.#context;
    const { onTrusted = update, onForeground = update } = options;
    const download = new Download(request, { ...options, onTrusted, onForeground }, context);
    this.#downloads.set(download.id, download);
    if (!options.delivered) this.#events?.follow(download, options.followed ?? {});
    // Who manages it tells how it ended, and may try again many times.
    if (managed) download.finished.then((s) => s.Error && this.#downloads.delete(download.id));
    this.#forgetOld();
    if (persistent) {
      this.#keeper.follow(download);
      void download.finished.then(() => this.#attendants.sweepSoon());
    }
    return download;
  }

  /** Ended downloads are listed for long, but not without end; those that are shared stay. */
  #forgetOld(): void {
    for (const [id, { progress }] of this.#downloads) {
      if (this.#downloads.size <= maxListed) return;
      if (isFinalState(progress.state) && !progress.shared) this.#downloads.delete(id);
    }
  }
}
