import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import {
  type AllowedSources,
  type Block,
  type ContentPolicies,
  type ContentPolicyReply,
  contentIdOf,
  type EventBatch,
  formatPiecesHashFile,
  type JoinRequest,
  type PeerEntry,
  type PiecesHashFile,
} from '@sluice/protocol';

/** The services of a cloud in the shapes of wire.md §3, as far as devices need them, and no further. */
export class FakeCloud implements AsyncDisposable {
  readonly url: string;
  /** Every request, in order: method and path without query. */
  readonly requests: string[] = [];
  /** Every query that came, as it came. */
  readonly queries: string[] = [];
  readonly joins: JoinRequest[] = [];
  readonly leaves: { PeerId: string }[] = [];
  /** Named to every device besides those that have joined. */
  peers: PeerEntry[] = [];
  cacheHost: string | undefined;
  joinIntervalMs = 60_000;
  /** Whether key-value says where events go; and all that came. */
  wantsEvents = false;
  readonly batches: EventBatch[] = [];
  /** Whether geo has the answer of key-value along. */
  tellsAll = false;
  /** Put into the answer of geo, by the nonce that was asked; an older cloud has none. */
  echo: (nonce: string | null) => object = () => ({});
  /** What may be had and shared no more; undefined: there is no such list. */
  blocked: Block[] | undefined;
  /** Put into every content policy. */
  allow: AllowedSources | undefined;
  /** Takes over a request: `true` = it is answered, or never will be. */
  intercept: (path: string, response: ServerResponse) => boolean = () => false;
  readonly #server: Server;
  #next = Promise.withResolvers<void>();
  readonly #policies = new Map<string, ContentPolicyReply>();
  readonly #files = new Map<string, string>();
  readonly #members = new Map<string, Map<string, PeerEntry>>();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => this.#onRequest(request, response));
  }

  static async start(port = 0): Promise<FakeCloud> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new FakeCloud(server);
  }

  /** Resolves when another request has been answered. */
  nextRequest(): Promise<void> {
    return this.#next.promise;
  }

  /**
   * Makes the content known by its URL and, when given, its id.
   * @param served what it gives as the hash list.
   * @param sentAlong the hash list that comes with the content policy.
   */
  publish(
    url: string,
    phf: PiecesHashFile,
    served = formatPiecesHashFile(phf),
    policies: Partial<ContentPolicies> = {},
    sentAlong?: string,
  ): string {
    const ContentId = contentIdOf(phf.hashOfHashes);
    const path = `/phf/${this.#files.size}`;
    this.#files.set(path, served);
    const policy = {
      ContentId,
      HashOfHashes: phf.hashOfHashes,
      PiecesHashFileCdnUrls: [this.url + path],
      ContentCdnUrls: null,
      IsSecure: false,
      IsInternal: false,
      Policies: {
        ForegroundQosBps: 6_710_886,
        BackgroundQosBps: 2_621_440,
        MaxCacheAgeSecs: 86_400,
        ExpireAtSecsSinceEpoch: null,
        DownloadToExpire: 86_400,
        ...policies,
      },
      Rank: 0,
      ...(sentAlong !== undefined && { PiecesHashFile: sentAlong }),
    };
    this.#policies.set(url, policy);
    this.#policies.set(ContentId, policy);
    return ContentId;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams, search } = new URL(request.url ?? '', this.url);
    this.requests.push(`${request.method} ${pathname}`);
    this.queries.push(search);
    response.on('finish', () => {
      this.#next.resolve();
      this.#next = Promise.withResolvers();
    });
    if (this.intercept(pathname, response)) return;
    const reply = (json: unknown, status = 200) => {
      response.writeHead(status, { 'content-type': 'text/json' }).end(JSON.stringify(json));
    };
    const file = this.#files.get(pathname);
    if (file !== undefined) response.end(file);
    else if (pathname === '/geo')
      reply({ ...this.#geo(), ...this.echo(searchParams.get('nonce')) });
    else if (pathname === '/all') reply(this.#keyValue());
    else if (pathname === '/blocked') reply({ Blocked: this.blocked, RefreshSeconds: 30 });
    else if (pathname.startsWith('/content/')) {
      const id = decodeURIComponent(pathname.split('/')[2]!);
      const policy =
        this.#policies.get(id) ?? this.#policies.get(searchParams.get('altCatalogId')!);
      reply({ ...policy, ...(this.allow && { Allow: this.allow }) }, policy ? 200 : 404);
    } else if (pathname.startsWith('/discovery/')) {
      reply([{ CollectiveArray: `${this.url}/array/` }]);
    } else if (pathname === '/array/join/') {
      reply(this.#join(JSON.parse(await text(request)) as JoinRequest));
    } else if (pathname === '/array/leave/') {
      this.#leave(JSON.parse(await text(request)) as JoinRequest);
      reply({});
    } else if (pathname === '/events') {
      const batch: EventBatch = JSON.parse(gunzipSync(await buffer(request)).toString());
      this.batches.push(batch);
      reply({ Accepted: batch.Events.length, Duplicates: 0 }, 202);
    } else reply({}, 404);
  }

  #geo() {
    return {
      ExternalIpAddress: '192.0.2.1',
      KeyValue_EndpointFullUri: `${this.url}/all`,
      ...(this.tellsAll && { KeyValue: this.#keyValue() }),
      ...(this.cacheHost === undefined ? {} : { CacheHost: this.cacheHost }),
    };
  }

  #keyValue() {
    return {
      ContentPolicy_EndpointUri: `${this.url}/`,
      ContentPolicy_EndpointFullUri: `${this.url}/content/{contentId}/contentpolicy`,
      Discovery_EndpointFullUri: `${this.url}/discovery/{contentId}`,
      ...(this.blocked && { Sluice_BlockListUri: `${this.url}/blocked` }),
      ...(this.wantsEvents && { Sluice_EventsUri: `${this.url}/events` }),
    };
  }

  #join(request: JoinRequest) {
    this.joins.push(request);
    const { ContentId = '', PeerId, Port, Left } = request;
    const members = this.#members.get(ContentId) ?? new Map<string, PeerEntry>();
    this.#members.set(ContentId, members);
    const others = [...members.values()].filter((m) => m.PeerId !== PeerId);
    const Type = 'LAN' as const;
    members.set(PeerId, { PeerId, Ip: '127.0.0.1', Port: Number(Port), Type, Left: Number(Left) });
    return {
      Peers: [...others, ...this.peers],
      NextJoinTimeIntervalInMs: this.joinIntervalMs,
      KeepAliveMs: 2 * this.joinIntervalMs,
    };
  }

  #leave(request: JoinRequest): void {
    this.leaves.push(request);
    this.#members.get(request.ContentId ?? '')?.delete(request.PeerId);
  }
}
