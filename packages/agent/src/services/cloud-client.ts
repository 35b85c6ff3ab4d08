import {
  type Clock,
  type ContentPolicyReply,
  fillEndpoint,
  type KeyValueReply,
  parseContentPolicyReply,
  parseDiscoveryReply,
  parseGeoReply,
  parseKeyValueReply,
  sluiceError,
} from '@sluice/protocol';
import { requestJson } from './http-json.ts';

/** Where the services are is asked anew after this long. */
const bootstrapMaxAgeMs = 3_600_000;

export interface ContentName {
  contentId?: string | undefined;
  /** The download URL: names the content when there is no id (altCatalogId). */
  url: string;
}

/** The device's side of geo, key-value, content policy and discovery (wire.md §3). */
export class CloudClient {
  readonly #cloudUrl: string;
  readonly #clock: Clock;
  readonly #version: string;
  #bootstrap: { at: number; reply: Promise<Bootstrap> } | undefined;

  constructor(options: { cloudUrl: string; clock: Clock; version: string }) {
    this.#cloudUrl = options.cloudUrl.replace(/\/+$/, '');
    this.#clock = options.clock;
    this.#version = options.version;
  }

  get url(): string {
    return this.#cloudUrl;
  }

  /** Cache hosts that the geo service names for this device. */
  async cacheHosts(signal: AbortSignal): Promise<string[]> {
    const { cacheHost } = await this.#boot(signal);
    return (cacheHost ?? '')
      .split(',')
      .map((h) => h.trim())
      .filter((h) => h !== '');
  }

  /** @throws ContentUnknown, ServiceUnreachable, ServiceRefused, ServiceInvalidReply. */
  async contentPolicy(name: ContentName, signal: AbortSignal): Promise<ContentPolicyReply> {
    const { keyValue } = await this.#boot(signal);
    const endpoint = fillEndpoint(keyValue.ContentPolicy_EndpointFullUri, name.contentId);
    const url = withQuery(endpoint, { altCatalogId: name.url, doClientVersion: this.#version });
    const { status, json } = await requestJson('content policy', url, { signal });
    if (status === 404)
      throw sluiceError('ContentUnknown', { content: name.contentId ?? name.url });
    assertOk('content policy', status);
    return parseContentPolicyReply(json);
  }

  /** The base URL of the array instance for the content, ending in a slash. */
  async arrayUrl(name: ContentName, signal: AbortSignal): Promise<string> {
    const { keyValue } = await this.#boot(signal);
    const endpoint = fillEndpoint(keyValue.Discovery_EndpointFullUri, name.contentId);
    const url = withQuery(endpoint, {
      partitionId: '0',
      altCatalogId: name.url,
      doClientVersion: this.#version,
    });
    const { status, json } = await requestJson('discovery', url, { signal });
    assertOk('discovery', status);
    const first = parseDiscoveryReply(json)[0]?.CollectiveArray;
    if (!first) throw sluiceError('ServiceInvalidReply', { service: 'discovery', detail: 'empty' });
    return first.endsWith('/') ? first : `${first}/`;
  }

  /** Geo, then key-value; kept for an hour, a failure is not kept. */
  #boot(signal: AbortSignal): Promise<Bootstrap> {
    const now = this.#clock.now();
    if (!this.#bootstrap || now - this.#bootstrap.at > bootstrapMaxAgeMs) {
      const reply = this.#askBootstrap(signal);
      this.#bootstrap = { at: now, reply };
      reply.catch(() => {
        if (this.#bootstrap?.reply === reply) this.#bootstrap = undefined;
      });
    }
    return this.#bootstrap.reply;
  }

  async #askBootstrap(signal: AbortSignal): Promise<Bootstrap> {
    const query = { doClientVersion: this.#version };
    const geoUrl = withQuery(`${this.#cloudUrl}/geo`, query);
    const geoReply = await requestJson('geo', geoUrl, { signal });
    assertOk('geo', geoReply.status);
    const geo = parseGeoReply(geoReply.json);
    const url = withQuery(geo.KeyValue_EndpointFullUri, query);
    const reply = await requestJson('key-value', url, { signal });
    assertOk('key-value', reply.status);
    return { keyValue: parseKeyValueReply(reply.json), cacheHost: geo.CacheHost };
  }
}

interface Bootstrap {
  keyValue: KeyValueReply;
  cacheHost: string | undefined;
}

function assertOk(service: string, status: number): void {
  if (status < 200 || status > 299) {
    throw sluiceError('ServiceRefused', { service, status, detail: '' });
  }
}

function withQuery(base: string, query: Record<string, string>): string {
  const url = new URL(base);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}
