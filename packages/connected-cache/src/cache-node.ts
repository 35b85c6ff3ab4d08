import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { systemClock, wallTimeOf } from './clock.ts';
import { FillDesk } from './fill/fill-desk.ts';
import { Opener } from './fill/opener.ts';
import { Operations } from './operations/operations.ts';
import { type CacheNodeOptions, checkOptions, tuningFor } from './options.ts';
import type { WarmDeps } from './preheat/warm-object.ts';
import { Answers } from './serve/answers.ts';
import { CacheHandler } from './serve/cache-handler.ts';
import { createHttpServer, listen } from './serve/http-server.ts';
import { AllowList } from './sources/allow-list.ts';
import { type CacheStats, type Counters, newCounters } from './stats.ts';
import { BufferPool } from './store/buffer-pool.ts';
import { CacheStore } from './store/cache-store.ts';
import { diskError } from './store/disk-error.ts';
import { PieceChecker } from './store/piece-checker.ts';
import { Parent } from './upstream/parent.ts';
import { Upstream } from './upstream/upstream.ts';
import type { NodeStatus } from './watch/node-status.ts';

/** A cache node that answers requests. */
export interface CacheNode {
  /** `http://address:port` */
  readonly url: string;
  /** Where the pages about the node have an address of their own. */
  readonly statusUrl: string | undefined;
  stats(): CacheStats;
  status(): NodeStatus;
  /** The access log goes on in a new file, after the old one was moved away. */
  reopenLog(): Promise<void>;
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
  const node = new Node(options, allow, await openStore(options));
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

function parentOf(upstream: string, options: CacheNodeOptions): Parent {
  const { clock = systemClock, logger } = options;
  return new Parent({
    ...tuningFor(options),
    origin: `http://${upstream}`,
    connectTimeoutMs: upstreamConnectMs,
    now: () => clock.now(),
    failed: (err) => logger?.warn({ err, upstream }, 'the upstream node was passed by'),
  });
}

/** As clients wait for a cache host (workflow.md §8). */
const upstreamConnectMs = 3_000;

class Node implements CacheNode {
  readonly #options: CacheNodeOptions;
  readonly #store: CacheStore;
  readonly #counters: Counters = newCounters();
  readonly #answers: Answers;
  readonly #desk: FillDesk;
  readonly #upstream: Upstream;
  readonly #handler: CacheHandler;
  readonly #operations: Operations;
  readonly #warm: WarmDeps;
  readonly #server: Server;
  #url = '';
  #closing: Promise<void> | undefined;

  constructor(options: CacheNodeOptions, allow: AllowList, store: CacheStore) {
    const { clock = systemClock, logger } = options;
    const tuning = tuningFor(options);
    const counters = this.#counters;
    const wallTime = wallTimeOf(clock);
    const pool = new BufferPool();
    const { cacheDir, maxBytes } = options;
    const stats = () => this.stats();
    const around = { clock, wallTime, logger, allow, stats, cacheDir, maxBytes };
    this.#operations = new Operations(options.operations ?? {}, around);
    const failed = (error: unknown) => {
      logger?.error({ err: error }, 'reading the cache failed');
      this.#operations.diskFailed(error);
    };
    this.#options = options;
    this.#store = store;
    this.#answers = new Answers(counters, logger);
    const parent = options.upstream === undefined ? undefined : parentOf(options.upstream, options);
    this.#upstream = new Upstream(allow, {
      timeoutMs: tuning.connectTimeoutMs,
      ...tuning,
      parent,
    });
    this.#desk = new FillDesk({ store, counters, runPieces: tuning.runPieces }, (error, url) => {
      logger?.warn({ err: error, url: url.split('?', 1)[0] }, 'a fill failed');
      this.#operations.diskFailed(error);
    });
    const fillsOf = this.#desk.of.bind(this.#desk);
    const maxWholeLength = options.maxBytes / 2;
    this.#warm = {
      allow,
      upstream: this.#upstream,
      store,
      opener: new Opener({ ...tuning, store, counters, wallTime, fillsOf, maxWholeLength }),
      fillsOf,
      reading: { pool, checker: new PieceChecker(store, pool, failed), failed },
      wallTime,
      self: `sluice-${randomBytes(6).toString('hex')}`,
    };
    const { clientStallMs } = tuning;
    this.#handler = new CacheHandler({ ...this.#warm, clock, counters, clientStallMs });
    this.#server = createHttpServer((message, response) =>
      this.#operations.watch.run(message, response, () =>
        this.#answers.run(message, response, () => this.#answer(message, response)),
      ),
    );
  }

  get url(): string {
    return this.#url;
  }

  get statusUrl(): string | undefined {
    return this.#operations.statusUrl;
  }

  async start(): Promise<void> {
    this.#url = await listen(this.#server, this.#options.listen);
    await this.#operations.start(this.#warm, this.#url);
    const { Objects, CacheBytes } = this.stats();
    this.#options.logger?.info({ url: this.#url, Objects, CacheBytes }, 'cache node ready');
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

  status(): NodeStatus {
    return this.#operations.status();
  }

  reopenLog(): Promise<void> {
    return this.#operations.reopenLog();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pages } = this.#operations;
    if (pages.isFor(message)) await pages.reply(message, response);
    else await this.#handler.handle(message, response);
  }

  async #close(): Promise<void> {
    const { clock = systemClock } = this.#options;
    const cut = () => this.#server.closeAllConnections();
    const cancel = clock.setTimer(tuningFor(this.#options).closeGraceMs, cut);
    if (this.#server.listening) this.#server.close();
    await this.#operations.stop();
    await this.#answers.idle();
    cancel();
    cut();
    await this.#desk.stop();
    await this.#upstream.close();
    // A question that was under way may have begun one more.
    await this.#desk.stop();
    await this.#store.close();
    await this.#operations.close();
  }
}
