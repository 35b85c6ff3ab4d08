import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { readCertificate } from './certificate/certificate-folder.ts';
import { systemClock, wallTimeOf } from './clock.ts';
import { FillDesk } from './fill/fill-desk.ts';
import { Opener } from './fill/opener.ts';
import { type CacheNodeOptions, checkOptions, tuningFor } from './options.ts';
import { Answers } from './serve/answers.ts';
import { CacheHandler } from './serve/cache-handler.ts';
import { Egress } from './serve/egress.ts';
import { createHttpServer, createHttpsServer, listen } from './serve/http-server.ts';
import { isStatsRequest, replyStats } from './serve/stats-page.ts';
import { AllowList } from './sources/allow-list.ts';
import { type CacheStats, type Counters, newCounters } from './stats.ts';
import { BufferPool } from './store/buffer-pool.ts';
import { CacheStore } from './store/cache-store.ts';
import { diskError } from './store/disk-error.ts';
import { type KernelFiles, openKernelFiles } from './store/kernel-files.ts';
import { PieceChecker } from './store/piece-checker.ts';
import { Upstream } from './upstream/upstream.ts';

/** A cache node that answers requests. */
export interface CacheNode {
  /** `http://address:port` */
  readonly url: string;
  /** `https://address:port`, when there is one. */
  readonly tlsUrl: string | undefined;
  /** Reads the certificate's files again, for connections to come. @throws InvalidArgument */
  reloadCertificate(): Promise<void>;
  stats(): CacheStats;
  /** Takes no more requests, lets answers under way end for a short while, and writes what is left. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a Connected Cache node (connected-cache.md §1): it answers `GET|HEAD
 * /path?query&cacheHostOrigin=host[:port]` and the plain path with the source as `Host:`, fetches
 * from listed sources what it does not have, once, and keeps it.
 * @throws InvalidArgument, CacheBusy, ListenFailed, DiskFull, DiskUnwritable, DiskFailed
 */
export async function createCacheNode(options: CacheNodeOptions): Promise<CacheNode> {
  checkOptions(options);
  const allow = new AllowList(options.allow);
  const kernel = await openKernelFiles(options.logger);
  const node = new Node(options, allow, await openStore(options), kernel);
  try {
    await node.start();
    return node;
  } catch (error) {
    await node.close();
    throw error;
  }
}

async function openStore(options: CacheNodeOptions): Promise<CacheStore> {
  const { cacheDir, maxBytes, logger, clock = systemClock } = options;
  try {
    await mkdir(cacheDir, { recursive: true });
    return await CacheStore.open({
      folder: cacheDir,
      maxBytes,
      maxObjects: tuningFor(options).maxObjects,
      wallTime: wallTimeOf(clock),
      failed: (error) => logger?.error({ err: error }, 'the cache folder failed'),
    });
  } catch (error) {
    throw diskError(error, cacheDir);
  }
}

class Node implements CacheNode {
  readonly #options: CacheNodeOptions;
  readonly #store: CacheStore;
  readonly #counters: Counters = newCounters();
  readonly #answers: Answers;
  readonly #desk: FillDesk;
  readonly #upstream: Upstream;
  readonly #handler: CacheHandler;
  readonly #server: Server;
  #url = '';
  #tlsServer: TlsServer | undefined;
  #tlsUrl: string | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    options: CacheNodeOptions,
    allow: AllowList,
    store: CacheStore,
    kernel: KernelFiles | undefined,
  ) {
    const { clock = systemClock, logger, maxAllowableEgressInMbps: egressLimit } = options;
    const tuning = tuningFor(options);
    const counters = this.#counters;
    const wallTime = wallTimeOf(clock);
    const pool = new BufferPool();
    const failed = (error: unknown) => logger?.error({ err: error }, 'reading the cache failed');
    this.#options = options;
    this.#store = store;
    this.#answers = new Answers(counters, logger);
    this.#upstream = new Upstream(allow, { timeoutMs: tuning.connectTimeoutMs, ...tuning });
    this.#desk = new FillDesk({ store, counters, runPieces: tuning.runPieces }, (error, url) =>
      logger?.warn({ err: error, url: url.split('?', 1)[0] }, 'a fill failed'),
    );
    const fillsOf = this.#desk.of.bind(this.#desk);
    const maxWholeLength = options.maxBytes / 2;
    this.#handler = new CacheHandler({
      allow,
      upstream: this.#upstream,
      store,
      opener: new Opener({ ...tuning, store, counters, wallTime, fillsOf, maxWholeLength }),
      fillsOf,
      reading: { pool, checker: new PieceChecker(store, pool, failed), kernel, failed },
      wallTime,
      self: `sluice-${randomBytes(6).toString('hex')}`,
      clock,
      counters,
      clientStallMs: tuning.clientStallMs,
      kernel,
      egress: egressLimit === undefined ? undefined : new Egress(clock, egressLimit),
    });
    this.#server = createHttpServer(this.#handle);
  }

  readonly #handle = (message: IncomingMessage, response: ServerResponse) =>
    this.#answers.run(message, response, () => this.#answer(message, response));

  get url(): string {
    return this.#url;
  }

  get tlsUrl(): string | undefined {
    return this.#tlsUrl;
  }

  async start(): Promise<void> {
    const { listen: at, tls, logger } = this.#options;
    this.#url = await listen(this.#server, at);
    if (tls) {
      this.#tlsServer = createHttpsServer(await readCertificate(tls), this.#handle);
      this.#tlsUrl = await listen(this.#tlsServer, tls.listen);
    }
    const { Objects, CacheBytes } = this.stats();
    logger?.info({ url: this.#url, tlsUrl: this.#tlsUrl, Objects, CacheBytes }, 'cache node ready');
  }

  async reloadCertificate(): Promise<void> {
    const { tls } = this.#options;
    if (tls) this.#tlsServer?.setSecureContext(await readCertificate(tls));
  }

  stats(): CacheStats {
    const { HitBytes, MissBytes } = this.#counters;
    return {
      ...this.#counters,
      EgressBytes: HitBytes + MissBytes,
      Objects: this.#store.objects,
      CacheBytes: this.#store.bytes,
      EvictedBytes: this.#store.evicted,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isStatsRequest(message)) replyStats(message, response, this.stats());
    else await this.#handler.handle(message, response);
  }

  async #close(): Promise<void> {
    const { clock = systemClock } = this.#options;
    const servers = [this.#server, this.#tlsServer].filter((server) => server !== undefined);
    const cut = () => {
      for (const server of servers) server.closeAllConnections();
    };
    const cancel = clock.setTimer(tuningFor(this.#options).closeGraceMs, cut);
    for (const server of servers) if (server.listening) server.close();
    await this.#answers.idle();
    cancel();
    cut();
    await this.#desk.stop();
    await this.#upstream.close();
    // A question that was under way may have begun one more.
    await this.#desk.stop();
    await this.#store.close();
  }
}
