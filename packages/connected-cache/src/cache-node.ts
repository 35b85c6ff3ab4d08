import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { readCertificate } from './certificate/certificate-folder.ts';
import { systemClock, wallTimeOf } from './clock.ts';
import { FillDesk } from './fill/fill-desk.ts';
import { HashLists } from './fill/hash-lists.ts';
import { Opener, type Wish } from './fill/opener.ts';
import { HotServing } from './hot/hot-serving.ts';
import { parentOf } from './open-parent.ts';
import { openStore } from './open-store.ts';
import { Operations } from './operations/operations.ts';
import { type CacheNodeOptions, checkOptions, drivesOf, tuningFor } from './options.ts';
import type { WarmDeps } from './preheat/warm-object.ts';
import { Aliases } from './request/aliases.ts';
import { Answers } from './serve/answers.ts';
import { CacheHandler } from './serve/cache-handler.ts';
import { connectionLimit } from './serve/connection-limit.ts';
import { Egress } from './serve/egress.ts';
import {
  createHttpServer,
  createHttpsServer,
  divertible,
  keepAliveTimeout,
  listen,
} from './serve/http-server.ts';
import { AllowList } from './sources/allow-list.ts';
import { type CacheStats, type Counters, newCounters, statsOf } from './stats.ts';
import { BufferPool } from './store/buffer-pool.ts';
import type { CacheStore } from './store/cache-store.ts';
import { type KernelFiles, openKernelFiles } from './store/kernel-files.ts';
import { PieceChecker } from './store/piece-checker.ts';
import { StoreAdmin } from './store/store-admin.ts';
import { PaceBook } from './upstream/pace-book.ts';
import { Upstream } from './upstream/upstream.ts';
import type { NodeStatus } from './watch/node-status.ts';

/** A cache node that answers requests. */
export interface CacheNode {
  /** `http://address:port` */
  readonly url: string;
  /** `https://address:port`, when there is one. */
  readonly tlsUrl: string | undefined;
  /** Reads the certificate's files again, for connections to come. @throws InvalidArgument */
  reloadCertificate(): Promise<void>;
  /** Where the pages about the node have an address of their own. */
  readonly statusUrl: string | undefined;
  stats(): CacheStats;
  status(): NodeStatus;
  /** What is kept, pins, purges, drives and their issues. */
  readonly store: StoreAdmin;
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
  const aliases = new Aliases(options.aliases);
  // The kernel knows nothing of a file layer that a test has put in between.
  const kernel = options.tuning?.files ? undefined : await openKernelFiles(options.logger);
  if (!kernel && (options.workers ?? 1) > 1) {
    options.logger?.info('one worker: more of them take Linux and the koffi package');
  }
  const maxConnections = await connectionLimit(options.logger);
  const store = await openStore(options);
  const node = new Node(options, { allow, aliases, store, kernel, maxConnections });
  try {
    await node.start();
    return node;
  } catch (error) {
    await node.close();
    throw error;
  }
}

/** What a node is made of that must be opened first. */
interface NodeParts {
  allow: AllowList;
  aliases: Aliases;
  store: CacheStore;
  kernel: KernelFiles | undefined;
  maxConnections: number;
}

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
  /** Undefined where the kernel does not help, and with traces, of which it knows nothing. */
  readonly #hot: HotServing | undefined;
  #url = '';
  #tlsServer: TlsServer | undefined;
  #tlsUrl: string | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: CacheNodeOptions, parts: NodeParts) {
    const { clock = systemClock, logger, maxAllowableEgressInMbps: egressLimit } = options;
    const { allow, aliases, store, kernel, maxConnections } = parts;
    const tuning = tuningFor(options);
    const counters = this.#counters;
    const wallTime = wallTimeOf(clock);
    const pool = new BufferPool();
    const sizes = drivesOf(options).map((drive) => drive.maxBytes);
    const cacheDir = drivesOf(options)[0]!.folder;
    const maxBytes = sizes.reduce((sum, size) => sum + size, 0);
    const stats = () => this.stats();
    const driveIssues = () => store.fleet.issues.all;
    const around = { clock, wallTime, logger, allow, stats, cacheDir, maxBytes, driveIssues };
    this.#operations = new Operations(options.operations ?? {}, around);
    const { pages } = this.#operations;
    this.#options = options;
    this.#store = store;
    this.#answers = new Answers(counters, logger);
    const parent = options.upstream === undefined ? undefined : parentOf(options.upstream, options);
    this.#upstream = new Upstream(allow, { ...tuning, parent });
    this.#desk = new FillDesk(
      {
        store,
        counters,
        clock,
        pool: new BufferPool(),
        paces: new PaceBook({ clock, mostConnections: tuning.sourceConnections }),
        runPieces: tuning.runPieces,
        hashLists:
          options.hashLists &&
          new HashLists(
            {
              authorization: (url) => this.#operations.authorizationFor(url),
              ...options.hashLists,
            },
            (error, url) =>
              logger?.warn({ err: error, url: url.split('?', 1)[0] }, 'a hash list is not taken'),
          ),
        diskFailed: (error) =>
          logger?.error({ err: error }, 'work on the disks of the cache failed'),
        badPiece: (object, piece, source) => this.#onBadPiece(object.record.url, piece, source),
      },
      (error, url) => logger?.warn({ err: error, url: url.split('?', 1)[0] }, 'a fill failed'),
    );
    const fillsOf = this.#desk.of.bind(this.#desk);
    const maxWholeLength = Math.max(...sizes) / 2;
    const opener = new Opener({ ...tuning, store, counters, wallTime, fillsOf, maxWholeLength });
    this.#warm = {
      allow,
      aliases,
      upstream: this.#upstream,
      store,
      opener,
      fillsOf,
      reading: { pool, checker: new PieceChecker(store, pool), kernel },
      wallTime,
      self: `sluice-${randomBytes(6).toString('hex')}`,
    };
    const { clientStallMs } = tuning;
    const egress = egressLimit === undefined ? undefined : new Egress(clock, egressLimit);
    const sending = { clock, counters, clientStallMs, kernel, egress };
    const refresh = (wish: Wish) => this.#refresh(opener, wish);
    this.#handler = new CacheHandler({ ...this.#warm, ...sending, refresh });
    this.#server = createHttpServer(this.#handle);
    const hot = options.operations?.otlpEndpoint === undefined ? kernel : undefined;
    this.#hot =
      hot &&
      new HotServing({
        ...{ ...this.#warm, kernel: hot, clock, wallTime, egress, clientStallMs, logger },
        workers: options.workers ?? 1,
        keepAliveMs: keepAliveTimeout,
        maxConnections,
        log: options.operations?.accessLog,
        watch: this.#operations.watch,
        isOwn: (url, host) => pages.isFor({ url, headers: { host }, method: 'GET' }),
      });
  }

  readonly #handle = async (message: IncomingMessage, response: ServerResponse) => {
    await this.#operations.watch.run(message, response, () =>
      this.#answers.run(message, response, () => this.#answer(message, response)),
    );
    this.#hot?.answered(message, response);
  };

  get url(): string {
    return this.#url;
  }

  get store(): StoreAdmin {
    return new StoreAdmin(this.#store);
  }

  get tlsUrl(): string | undefined {
    return this.#tlsUrl;
  }

  get statusUrl(): string | undefined {
    return this.#operations.statusUrl;
  }

  async start(): Promise<void> {
    const { listen: at, tls, logger } = this.#options;
    this.#url = await listen(this.#server, at);
    if (tls) {
      this.#tlsServer = createHttpsServer(await readCertificate(tls), this.#handle);
      this.#tlsUrl = await listen(this.#tlsServer, tls.listen);
    }
    this.#hot?.start(divertible(this.#server), this.#url);
    await this.#operations.start(this.#warm, this.#url);
    const { Objects, CacheBytes } = this.stats();
    logger?.info({ url: this.#url, tlsUrl: this.#tlsUrl, Objects, CacheBytes }, 'cache node ready');
  }

  async reloadCertificate(): Promise<void> {
    const { tls } = this.#options;
    if (tls) this.#tlsServer?.setSecureContext(await readCertificate(tls));
  }

  stats(): CacheStats {
    return statsOf(this.#counters, this.#hot?.counts, this.#store);
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

  /** The answer was sent with what is kept; that the source fails now is for the next one to see. */
  #refresh(opener: Opener, wish: Wish): void {
    opener.open(wish).opened.catch((error) => {
      const url = wish.url.split('?', 1)[0];
      this.#options.logger?.warn({ err: error, url }, 'a refresh failed');
    });
  }

  #onBadPiece(url: string, piece: number, source: string): void {
    this.#counters.BadPieces++;
    const { logger, badPiece } = this.#options;
    logger?.warn(
      { url: url.split('?', 1)[0], piece, source },
      'a piece is not what its hash list says',
    );
    const detail = `sent a piece that is not what its hash list says: ${url.split('?', 1)[0]}`;
    this.#operations.watch.issues.occur('Other', source, detail);
    badPiece?.({ url, piece, source });
  }

  async #close(): Promise<void> {
    const { clock = systemClock } = this.#options;
    const servers = [this.#server, this.#tlsServer].filter((server) => server !== undefined);
    const cut = () => {
      this.#hot?.cut();
      for (const server of servers) server.closeAllConnections();
    };
    const cancel = clock.setTimer(tuningFor(this.#options).closeGraceMs, cut);
    for (const server of servers) if (server.listening) server.close();
    await this.#operations.stop();
    await Promise.all([this.#answers.idle(), this.#hot?.drain()]);
    cancel();
    cut();
    await this.#hot?.close();
    await this.#desk.stop();
    this.#upstream.close();
    // A question that was under way may have begun one more.
    await this.#desk.stop();
    await this.#store.close();
    await this.#operations.close();
  }
}
