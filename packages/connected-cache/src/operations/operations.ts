import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { openTracer, sluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import { ControlServer } from '../control/control-server.ts';
import { Advertiser } from '../discovery/advertiser.ts';
import { ownLinks } from '../discovery/own-links.ts';
import { OwnPages, type OwnPagesDeps } from '../pages/own-pages.ts';
import { Preheater } from '../preheat/preheater.ts';
import { type WarmDeps, warmObject } from '../preheat/warm-object.ts';
import { CloudJobs } from '../registration/cloud-jobs.ts';
import { CloudLink } from '../registration/cloud-link.ts';
import { HeartbeatFigures } from '../registration/heartbeat-figures.ts';
import { replyError } from '../serve/error-reply.ts';
import { listen } from '../serve/http-server.ts';
import { AccessLog } from '../watch/access-log.ts';
import type { NodeStatus } from '../watch/node-status.ts';
import { Watch, type WatchOptions } from '../watch/watch.ts';
import type { OperationsOptions } from './operations-options.ts';

export type OperationsDeps = Omit<OwnPagesDeps, 'watch' | 'access' | 'registration'> &
  Omit<WatchOptions, 'log'> & { logger: Logger | undefined };

/** What goes on around the cache itself: it is watched, shown, told what to fetch, and found. */
export class Operations {
  readonly watch: Watch;
  readonly pages: OwnPages;
  readonly #options: OperationsOptions;
  readonly #log: AccessLog | undefined;
  readonly #deps: OperationsDeps;
  #preheater: Preheater | undefined;
  #control: ControlServer | undefined;
  #cloud: CloudLink | undefined;
  #advertiser: Advertiser | undefined;
  #statusServer: Server | undefined;
  #statusUrl: string | undefined;

  constructor(options: OperationsOptions, deps: OperationsDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#log =
      options.accessLog && new AccessLog(options.accessLog, (err) => this.#logFailed(err));
    this.watch = new Watch({ ...deps, log: this.#log });
    this.pages = new OwnPages({
      ...deps,
      watch: this.watch,
      access: options.access ?? {},
      registration: () => this.#cloud?.status,
    });
  }

  /** Begins what listens. @throws ListenFailed, and what writing the state folder throws */
  async start(warm: WarmDeps, url: string): Promise<void> {
    const { stateDir, statusListen, advertise, otlpEndpoint: endpoint } = this.#options;
    const { clock, logger } = this.#deps;
    this.watch.tracer = await openTracer({
      ...{ endpoint, service: 'sluice-cache-node', clock, logger },
      ...{ now: Date.now, randomBytes, fetch },
    });
    const { hostname, port: text } = new URL(url);
    const port = Number(text || 80);
    if (statusListen) {
      this.#statusServer = createServer((message, response) => void this.#page(message, response));
      this.#statusUrl = await listen(this.#statusServer, statusListen);
      this.#deps.logger?.info({ url: `${this.#statusUrl}/details` }, 'status page');
    }
    const fetchOne: ConstructorParameters<typeof Preheater>[0] = (...job) =>
      warmObject(warm, ...job);
    this.#preheater = new Preheater(fetchOne, this.#deps.clock);
    if (advertise) {
      const links = () => ownLinks(hostname);
      this.#advertiser = new Advertiser(port, links, this.#deps);
      await this.#advertiser.open();
    }
    if (stateDir === undefined) return;
    this.#control = new ControlServer({
      stateDir,
      status: () => this.status(),
      preheater: this.#preheater,
    });
    await this.#control.open();
    await this.#phoneHome(stateDir, this.#preheater, port);
  }

  get statusUrl(): string | undefined {
    return this.#statusUrl;
  }

  status(): NodeStatus {
    return this.pages.status();
  }

  /** The access log goes on in a new file. */
  async reopenLog(): Promise<void> {
    await this.#log?.reopen();
  }

  /** What is to be shown to the cloud that knows the node; undefined for other URLs. */
  authorizationFor(url: string): string | undefined {
    return this.#cloud?.authorizationFor(url);
  }

  /** Takes no more orders. Before the cache closes. */
  async stop(): Promise<void> {
    await this.#advertiser?.close();
    await this.#cloud?.close();
    await this.#control?.close();
    await this.#preheater?.close();
    const server = this.#statusServer;
    if (!server?.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  /** When the last answer has ended. */
  async close(): Promise<void> {
    await this.watch.close();
  }

  async #phoneHome(stateDir: string, preheater: Preheater, port: number): Promise<void> {
    const { cloud } = this.#options;
    if (!cloud) return;
    const figures = new HeartbeatFigures(this.#deps, () => this.status(), port);
    this.#cloud = new CloudLink(cloud, {
      stateDir,
      ...this.#deps,
      issues: this.watch.issues,
      jobs: new CloudJobs(preheater),
      figures: () => figures.take(),
    });
    await this.#cloud.start();
  }

  async #page(message: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!this.pages.isFor(message)) {
        throw sluiceError('CacheRequestInvalid', { detail: 'no such page', status: 404 });
      }
      await this.pages.reply(message, response);
    } catch (error) {
      replyError(response, error);
    }
  }

  #logFailed(error: unknown): void {
    this.#deps.logger?.error({ err: error }, 'the access log cannot be written');
    const detail = error instanceof Error ? error.message : String(error);
    this.watch.issues.begin('Other', this.#options.accessLog?.file ?? '', detail);
  }
}
