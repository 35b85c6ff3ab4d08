import { type Clock, type HeartbeatRequest, isSluiceError, sluiceError } from '@sluice/protocol';
import { parseHeartbeatReply, parseRegisterNodeReply } from '@sluice/protocol/schemas';
import type { Logger } from 'pino';
import type { Issues } from '../watch/issues.ts';
import { askCloud } from './ask-cloud.ts';
import type { CloudJobs } from './cloud-jobs.ts';
import { digestOf, type Identity, readIdentity, writeIdentity } from './identity.ts';

export interface CloudOptions {
  /** Base URL of the cloud. */
  url: string;
  /** From the admin; needed until the node is registered. */
  registrationKey?: string | undefined;
  /** `host[:port]` for devices; without it, the address that the cloud sees and the node's port. */
  publicHost?: string | undefined;
}

/** How the node stands with its cloud, in the portal's words (connected-cache.md §2). */
export type RegistrationState =
  | 'Registration in progress'
  | 'Not provisioned'
  | 'Never phoned home'
  | 'Healthy'
  | 'Unhealthy';

export interface RegistrationStatus {
  Cloud: string;
  State: RegistrationState;
  Name: string | null;
  CacheNodeId: string | null;
  /** Whether the cloud tells devices of the node; null until it has said. */
  IsEnabled: boolean | null;
  MaxAllowableEgressInMbps: number | null;
}

export interface CloudLinkDeps {
  stateDir: string;
  clock: Clock;
  logger: Logger | undefined;
  issues: Issues;
  jobs: CloudJobs;
  /** What a heartbeat says, without the part of this class. */
  figures(): Omit<HeartbeatRequest, 'PublicHost' | 'Jobs'>;
}

/** After a failure, ms; doubled with each one more. */
const firstWaitMs = 5_000;
const maxWaitMs = 60_000;

/** The node at its cloud: registers once, then phones home for as long as it runs. */
export class CloudLink {
  readonly #options: CloudOptions;
  readonly #deps: CloudLinkDeps;
  readonly #stop = new AbortController();
  #status: RegistrationStatus;
  #identity: Identity | undefined;
  #waitMs = firstWaitMs;
  #cancelTimer = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(options: CloudOptions, deps: CloudLinkDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#status = {
      Cloud: options.url,
      State: 'Registration in progress',
      Name: null,
      CacheNodeId: null,
      IsEnabled: null,
      MaxAllowableEgressInMbps: null,
    };
  }

  get status(): RegistrationStatus {
    return { ...this.#status };
  }

  /** What proves to the cloud who the node is, for a URL of it; undefined before it is registered. */
  authorizationFor(url: string): string | undefined {
    const isOfCloud = URL.parse(url)?.origin === new URL(this.#options.url).origin;
    return isOfCloud && this.#identity ? authorizationOf(this.#identity) : undefined;
  }

  /** Begins; the cloud need not be there. @throws InvalidArgument: neither registered nor a key */
  async start(): Promise<void> {
    const { url, registrationKey } = this.#options;
    const known = await readIdentity(this.#deps.stateDir);
    const isNew =
      registrationKey !== undefined && known?.RegisteredWith !== digestOf(registrationKey);
    if (known?.Cloud === url && !isNew) this.#be(known);
    else if (registrationKey === undefined) {
      throw sluiceError('InvalidArgument', {
        name: '--registration-key-file',
        detail: `the node is not registered with ${url} yet`,
      });
    }
    this.#running = this.#turn();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#cancelTimer();
    await this.#running;
  }

  /** One step: registers when that is due, then a heartbeat. Never rejects. */
  async #turn(): Promise<void> {
    let waitMs: number;
    try {
      this.#identity ??= await this.#register();
      waitMs = await this.#heartbeat(this.#identity);
      this.#waitMs = firstWaitMs;
      this.#deps.issues.end('Other', this.#options.url);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#failed(error);
      waitMs = this.#waitMs;
      this.#waitMs = Math.min(maxWaitMs, 2 * this.#waitMs);
    }
    if (this.#stop.signal.aborted) return;
    this.#cancelTimer = this.#deps.clock.setTimer(waitMs, () => {
      this.#running = this.#turn();
    });
  }

  async #register(): Promise<Identity> {
    const { url, registrationKey = '' } = this.#options;
    const body = { RegistrationKey: registrationKey };
    const reply = parseRegisterNodeReply(
      await askCloud(`${url}/cache-nodes/register`, body, undefined, this.#stop.signal),
    );
    const identity = { ...reply, Cloud: url, RegisteredWith: digestOf(registrationKey) };
    await writeIdentity(this.#deps.stateDir, identity);
    this.#deps.logger?.info({ cloud: url, name: reply.Name }, 'registered with the cloud');
    this.#be(identity);
    return identity;
  }

  #be(identity: Identity): void {
    const { Name, CacheNodeId } = identity;
    this.#identity = identity;
    this.#status = { ...this.#status, State: 'Never phoned home', Name, CacheNodeId };
  }

  /** @returns when to speak up again, ms. */
  async #heartbeat(identity: Identity): Promise<number> {
    const { url, publicHost = null } = this.#options;
    const { jobs, figures } = this.#deps;
    const told = jobs.reports();
    const body: HeartbeatRequest = { PublicHost: publicHost, ...figures(), Jobs: told };
    const reply = parseHeartbeatReply(
      await askCloud(
        `${url}/cache-nodes/heartbeat`,
        body,
        authorizationOf(identity),
        this.#stop.signal,
      ),
    );
    const { IsEnabled, MaxAllowableEgressInMbps } = reply;
    this.#status = { ...this.#status, State: 'Healthy', IsEnabled, MaxAllowableEgressInMbps };
    jobs.told(told);
    jobs.take(reply);
    return reply.HeartbeatSeconds * 1000;
  }

  #failed(error: unknown): void {
    const { logger, issues } = this.#deps;
    const { url } = this.#options;
    const isRefused = isSluiceError(error, 'ServiceRefused') && error.params.status === 401;
    const State = isRefused ? 'Not provisioned' : this.#identity ? 'Unhealthy' : this.#status.State;
    this.#status = { ...this.#status, State };
    const told = isRefused
      ? sluiceError('CacheNodeRefused', { url, detail: 'its key is not known' })
      : error;
    const detail = told instanceof Error ? told.message : String(told);
    issues.begin('Other', url, detail);
    logger?.warn({ err: told }, 'the cloud does not hear the node');
  }
}

function authorizationOf({ CacheNodeId, Key }: Identity): string {
  return `Bearer ${CacheNodeId}.${Key}`;
}
