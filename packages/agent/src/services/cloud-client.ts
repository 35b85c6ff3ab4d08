import {
  type BlockListReply,
  type Clock,
  type ContentPolicyReply,
  type EventBatch,
  fillEndpoint,
  type JoinReply,
  type JoinRequest,
  type KeySet,
  type KeyValueReply,
  type LeaveRequest,
  type Span,
  sluiceError,
} from '@sluice/protocol';
import type { GeoHosts } from '../cache-hosts/cache-host-finder.ts';
import type { DeviceSessions } from '../identity/device-sessions.ts';
import { acceptedBody as bodyOf } from '../identity/identity-client.ts';
import type { Routes } from '../source/proxy/index.ts';
import type { BootstrapFile } from './bootstrap-file.ts';
import { type Bootstrap, CloudBootstrap } from './cloud-bootstrap.ts';
import { JsonClient, type JsonReply } from './json-client.ts';
import { publicUrl } from './public-url.ts';
import { withQuery } from './with-query.ts';

/** Loaded while the first service answers: a device without a cloud does without. */
const schemas = () => import('@sluice/protocol/schemas');

export interface ContentName {
  contentId?: string | undefined;
  /** The download URL: names the content when there is no id (altCatalogId). */
  url: string;
  /** Of the whole object, hex, when the caller knows it. */
  sha256?: string | undefined;
  /** Which application wants it: what is allowed may depend on it. */
  caller?: string | undefined;
  /** In whose trace it is asked for. */
  span?: Span | undefined;
}

export interface CloudClientOptions {
  cloudUrl: string;
  clock: Clock;
  version: string;
  /** Settings that are rolled out to a part of the devices depend on it. */
  deviceId?: string | undefined;
  /** By which proxies to reach the services. */
  routes?: Routes | undefined;
  /** Told each answer of the key-value service: settings are among it. */
  onSettings?: ((reply: KeyValueReply, cloudUrl: string) => void) | undefined;
  /** Who this device is to the cloud, where it is enrolled. */
  sessions?: CloudSessions | undefined;
  /** Keeps for the next process where the services are. */
  file?: BootstrapFile | undefined;
}

export type CloudSessions = Pick<
  DeviceSessions,
  'authorization' | 'refused' | 'heardKeyId' | 'cloudUrl' | 'ca'
>;

/** The device's side of the services (wire.md §3). */
export class CloudClient {
  readonly #cloudUrl: string;
  readonly #clock: Clock;
  readonly #version: string;
  readonly #http: JsonClient;
  readonly #sessions: CloudSessions | undefined;
  /** For endpoints that are not of the cloud that the device is enrolled with: they see no session. */
  readonly #elsewhere: JsonClient;
  readonly #closing = new AbortController();
  readonly #bootstrap: CloudBootstrap;
  #usualMs: number | undefined;

  constructor(options: CloudClientOptions) {
    this.#cloudUrl = options.cloudUrl.replace(/\/+$/, '');
    this.#clock = options.clock;
    const { routes, sessions } = options;
    this.#sessions = sessions;
    this.#elsewhere = new JsonClient(routes);
    const ca = sessions?.ca ?? null;
    this.#http = ca === null ? this.#elsewhere : new JsonClient(routes, { ca });
    this.#version = options.version;
    this.#bootstrap = new CloudBootstrap({
      ...options,
      cloudUrl: this.#cloudUrl,
      ask: (...question) => this.#ask(...question),
      closing: this.#closing.signal,
    });
  }

  get url(): string {
    return this.#cloudUrl;
  }

  /** Loads what questions need and asks where the services are, ahead of the first download. Never rejects. */
  async prepare(): Promise<void> {
    try {
      (await schemas()).prepareReplyParsers();
      await this.#bootstrap.get(this.#closing.signal);
    } catch {
      // Then the first download asks, and is told.
    }
  }

  /** Cache hosts that the geo service names for this device. */
  async cacheHosts(signal: AbortSignal): Promise<GeoHosts> {
    const { cacheHost = '', cacheHostFlag } = await this.#bootstrap.here(signal);
    const hosts = cacheHost.split(',').map((h) => h.trim());
    return { hosts: hosts.filter((h) => h !== ''), flag: cacheHostFlag };
  }

  /** @throws ContentUnknown, ContentBlocked, ContentHttpOnly, ServiceUnreachable, ServiceRefused, ServiceInvalidReply. */
  contentPolicy(name: ContentName, signal: AbortSignal): Promise<ContentPolicyReply> {
    return this.#bootstrap.with(signal, (b) => this.#contentPolicy(b, name, signal));
  }

  async #contentPolicy(
    { keyValue }: Bootstrap,
    name: ContentName,
    signal: AbortSignal,
  ): Promise<ContentPolicyReply> {
    const endpoint = fillEndpoint(keyValue.ContentPolicy_EndpointFullUri, name.contentId);
    const altCatalogId = publicUrl(name.url);
    const sha256 = name.sha256 ?? sha256InFragment(name.url);
    const url = withQuery(endpoint, {
      altCatalogId,
      doClientVersion: this.#version,
      ...(sha256 !== undefined && { sha256 }),
      ...(name.caller !== undefined && { callerName: name.caller }),
    });
    const reply = await this.#ask('content policy', url, { signal, span: name.span });
    if (reply.status === 404)
      throw sluiceError('ContentUnknown', { content: name.contentId ?? withoutQuery(name.url) });
    const { parseContentPolicyReply } = await schemas();
    if (reply.status === 403) await refuseBlocked(reply.json);
    return parseContentPolicyReply(await bodyOf('content policy', reply));
  }

  /** What may be had and shared no more; undefined when the cloud has no such list. @throws as `contentPolicy` */
  async blockList(signal: AbortSignal): Promise<BlockListReply | undefined> {
    const { keyValue } = await this.#bootstrap.get(signal);
    const url = keyValue.Sluice_BlockListUri;
    if (url === undefined) return undefined;
    const { parseBlockListReply } = await schemas();
    return parseBlockListReply(await bodyOf('blocks', await this.#ask('blocks', url, { signal })));
  }

  /** The keys that hash lists are signed by, oldest first. @throws as `contentPolicy` */
  async keySets(signal: AbortSignal): Promise<KeySet[]> {
    const { keyValue } = await this.#bootstrap.get(signal);
    const url = keyValue.Sluice_KeySetsUri;
    if (url === undefined) return [];
    const { parseKeySetsReply } = await schemas();
    const reply = await this.#ask('keys', url, { signal });
    return parseKeySetsReply(await bodyOf('keys', reply)).KeySets;
  }

  /** The base URL of the array instance for the content, ending in a slash. */
  arrayUrl(name: ContentName, signal: AbortSignal): Promise<string> {
    return this.#bootstrap.with(signal, (b) => this.#arrayUrl(b, name, signal));
  }

  async #arrayUrl(
    { keyValue }: Bootstrap,
    name: ContentName,
    signal: AbortSignal,
  ): Promise<string> {
    const endpoint = fillEndpoint(keyValue.Discovery_EndpointFullUri, name.contentId);
    const url = withQuery(endpoint, {
      partitionId: '0',
      altCatalogId: publicUrl(name.url),
      doClientVersion: this.#version,
    });
    const reply = await this.#ask('discovery', url, { signal });
    const { parseDiscoveryReply } = await schemas();
    const first = parseDiscoveryReply(await bodyOf('discovery', reply))[0]?.CollectiveArray;
    if (!first) throw sluiceError('ServiceInvalidReply', { service: 'discovery', detail: 'empty' });
    return first;
  }

  /** @param arrayUrl of `arrayUrl`. */
  async join(arrayUrl: string, body: JoinRequest, signal: AbortSignal): Promise<JoinReply> {
    const reply = await this.#ask('array', `${arrayUrl}join/`, { signal, body });
    const { parseJoinReply } = await schemas();
    const joined = parseJoinReply(await bodyOf('array', reply));
    this.#sessions?.heardKeyId(joined.PeerKeyId);
    return joined;
  }

  async leave(arrayUrl: string, body: LeaveRequest, signal: AbortSignal): Promise<void> {
    await bodyOf('array', await this.#ask('array', `${arrayUrl}leave/`, { signal, body }));
  }

  /** How a URL of the cloud is asked by an HTTP source; undefined: as any other. */
  async accessTo(
    url: string,
    signal: AbortSignal,
  ): Promise<{ headers: Record<string, string>; ca: string | undefined } | undefined> {
    const sessions = this.#sessionsFor(url);
    if (!sessions) return undefined;
    const authorization = await sessions.authorization(signal);
    return { headers: { Authorization: authorization }, ca: sessions.ca ?? undefined };
  }

  /** Where events go, as the cloud said last; null: it wants none; undefined: it was not asked yet. */
  get eventsUrl(): string | null | undefined {
    const { known } = this.#bootstrap;
    return known && (known.keyValue.Sluice_EventsUri ?? null);
  }

  /** @returns the answer, whatever its status; undefined: the cloud wants no events. @throws as `join`. */
  async sendEvents(batch: EventBatch, signal: AbortSignal): Promise<JsonReply | undefined> {
    const { Sluice_EventsUri: url } = (await this.#bootstrap.get(signal)).keyValue;
    if (url === undefined) return undefined;
    const usualMs = this.#usualMs;
    const reply = await this.#ask('events', url, { signal, body: batch, gzip: true });
    // What so large a question takes says nothing of the others.
    this.#usualMs = usualMs;
    return reply;
  }

  /** What an answer takes as a rule, ms; undefined before the first. */
  get usualAnswerMs(): number | undefined {
    return this.#usualMs;
  }

  /** Ends what is under way, and all connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.#http.close(), this.#elsewhere.close()]);
    await this.#bootstrap.settled();
  }

  async #ask(...question: Parameters<JsonClient['ask']>): Promise<JsonReply> {
    const [, url, { signal }] = question;
    const sessions = this.#sessionsFor(url);
    if (!sessions) return this.#askTimed(this.#elsewhere, ...question);
    const reply = await this.#askAs(await sessions.authorization(signal), question);
    if (reply.status !== 401) return reply;
    // The cloud's keys were changed, or it has forgotten: once more with another session.
    return this.#askAs(await sessions.authorization(signal), question);
  }

  async #askAs(
    authorization: string,
    [service, url, options]: Parameters<JsonClient['ask']>,
  ): Promise<JsonReply> {
    const reply = await this.#askTimed(this.#http, service, url, { ...options, authorization });
    if (reply.status === 401) this.#sessions?.refused(authorization);
    return reply;
  }

  async #askTimed(
    http: JsonClient,
    ...question: Parameters<JsonClient['ask']>
  ): Promise<JsonReply> {
    const askedAt = this.#clock.now();
    const reply = await http.ask(...question);
    const took = this.#clock.now() - askedAt;
    this.#usualMs = this.#usualMs === undefined ? took : (this.#usualMs + took) / 2;
    return reply;
  }

  /** A session is for the cloud that gave it, whoever names an endpoint elsewhere. */
  #sessionsFor(url: string): CloudSessions | undefined {
    if (!this.#sessions || URL.parse(url)?.origin !== new URL(this.#cloudUrl).origin)
      return undefined;
    return this.#sessions;
  }
}

/** What is blocked is told by an error, which clients that do not know it take for no content policy. */
async function refuseBlocked(json: unknown): Promise<void> {
  const { Code, Message } = (await schemas()).parseErrorReply(json);
  if (Code !== 'ContentBlocked' && Code !== 'ContentHttpOnly') return;
  // The cloud's own words say it once.
  throw sluiceError(Code, { reason: Message.replace(/^[^:]*: /, '') });
}

/** As PyPI writes it. */
function sha256InFragment(url: string): string | undefined {
  return /[#&]sha256=([0-9a-fA-F]{64})(?:&|$)/.exec(new URL(url).hash)?.[1];
}

function withoutQuery(text: string): string {
  const { origin, pathname } = new URL(text);
  return origin + pathname;
}
