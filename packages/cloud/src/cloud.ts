import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Server as TlsServer } from 'node:tls';
import { type Clock, openTracer, sluiceError } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { adminTokenCheck, checkAdminToken, loadAdminToken } from './admin/access/admin-token.ts';
import { type PasswordCost, Passwords } from './admin/login/passwords.ts';
import { OidcLogin } from './admin/oidc/oidc-login.ts';
import type { OidcOptions } from './admin/oidc/oidc-options.ts';
import { systemClock } from './clock/system-clock.ts';
import { wallTimeOf } from './clock/wall-time.ts';
import { makeDataDir } from './data-dir.ts';
import { noPlaces } from './events/geo/places.ts';
import { readPlaces } from './events/geo/read-places.ts';
import { defaultRetention, keepDeleting, type Retention } from './events/retention.ts';
import { noRegions, readRegions } from './geo/regions.ts';
import { createApp } from './http/app.ts';
import { Entrance } from './http/entrance.ts';
import type { EnrolmentMode } from './identity/device-gate.ts';
import { Ingestion, type IngestOptions } from './ingest/ingestion.ts';
import type { MetricsAccess } from './metrics/metrics-gate.ts';
import { operationsOf } from './operations/operations.ts';
import type { SwarmRegistry } from './registry/swarm-registry.ts';
import { registerServices } from './services/register-services.ts';
import { type ServiceName, serviceNames } from './services/service-names.ts';
import { ServiceUrls } from './services/service-urls.ts';
import { openStores, type Stores } from './stores.ts';
import { ServerTls, type TlsOptions } from './tls/server-tls.ts';

/** Requests a second from one site in the long run; a site may have thousands of devices. */
const defaultRequestsPerSecond = 2_000;
/** How long requests under way may take when the cloud closes, ms. */
const closeGraceMs = 5_000;

export interface CloudOptions {
  /** Where the catalogue, the admin token and `settings.json` for devices are, unless elsewhere; made when absent. */
  dataDir: string;
  /** Port 0 takes a free one. */
  listen: { host: string; port: number };
  /** Taken instead of the one in the file. */
  adminToken?: string;
  /** Instead of `admin-token` in the data directory: clouds that share a database share it too. */
  adminTokenFile?: string;
  /** `postgres://…`: the catalogue and the settings, shared with other clouds. */
  database?: string;
  /** `redis://…` or `rediss://…`, with `?cluster` for a cluster: the swarms, shared with other clouds. */
  swarmStore?: string;
  /** Instead of a new one in memory. `swarmStore` is not used then. */
  registry?: SwarmRegistry;
  /** Addresses and CIDRs of proxies in front, whose X-Forwarded headers are believed. */
  trustedProxies?: string[];
  /** HTTPS in place of HTTP. */
  tls?: TlsOptions;
  /** Whether devices must be enrolled (default: off). */
  enrolment?: EnrolmentMode;
  logger?: Logger;
  /** Where spans of traces that callers begin go, as OTEL_EXPORTER_OTLP_ENDPOINT has it; nowhere without. */
  otlpEndpoint?: string | undefined;
  clock?: Clock;
  /** Numbers in [0, 1): which peers are told. */
  random?: () => number;
  /** Requests a second allowed from one site (IPv4 address or IPv6 /64), twice as many at once. */
  requestsPerSecond?: number;
  /** Of more than so many devices are told to come back later, up to four times as late; 10,000 if not given. */
  joinsPerSecond?: number | undefined;
  /** How many days events and their sums are kept; 90 and 400 unless said otherwise. */
  retention?: Partial<Retention>;
  /** Files that tell where external addresses are, `.mmdb` or `.csv` (docs/reports.md); the first that knows. */
  geoFiles?: string[];
  /** A file that tells which cloud the devices of an address ask, see `readRegions`. */
  regionsFile?: string | undefined;
  /** Which services run here; all if not given. */
  services?: readonly ServiceName[] | undefined;
  /** Base URLs of services that run elsewhere, without a slash at the end. */
  serviceUrls?: Partial<Record<ServiceName, string>> | undefined;
  /** Base URLs of the array instances among which contents are shared out. */
  arrayInstances?: readonly string[] | undefined;
  /** Under which devices reach this very process: its array registers with it in the database. */
  publicUrl?: string | undefined;
  /** Contents that the cloud takes in by itself; none without. */
  ingest?: IngestOptions | undefined;
  /** How long it goes on serving once it is told to close, not ready any more, ms. 0 if not given. */
  drainMs?: number;
  /** Who may read `/metrics`: anybody, or (as if not given) who has a viewer's token or asks from this machine. */
  metrics?: MetricsAccess;
  /** Of the program, told in metrics. */
  version?: string;
  /** An identity provider whose users may log in as admins. */
  oidc?: OidcOptions;
  /** What a new password costs to check. */
  passwordCost?: PasswordCost;
}

/** A running cloud: geo, key-value, content policy, discovery, array and admin in one process. */
export interface Cloud {
  /** `http://host:port`, or with https, without a slash at the end. */
  readonly url: string;
  /** Where the admin token is kept, unless one was given. */
  readonly adminTokenFile: string;
  /** Reads the certificate's files again. @throws InvalidArgument: the old one stays */
  reload(): Promise<void>;
  /** Is not ready from now on; after `drainMs` takes no more requests, lets those under way finish, closes the stores. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a cloud.
 * @throws DataDirUnusable, StoreUnavailable, ListenFailed, InvalidArgument (a token that is too weak, a URL that is none)
 */
export async function createCloud(options: CloudOptions): Promise<Cloud> {
  const { dataDir, logger, clock = systemClock } = options;
  await makeDataDir(dataDir);
  const adminTokenFile = options.adminTokenFile ?? join(dataDir, 'admin-token');
  const token =
    options.adminToken === undefined
      ? await loadAdminToken(adminTokenFile)
      : checkAdminToken(options.adminToken);
  const { requestsPerSecond = defaultRequestsPerSecond, trustedProxies = [] } = options;
  const random = options.random ?? Math.random;
  // Before anything is opened: what is wrong in it is told at once.
  const oidc = options.oidc && new OidcLogin(options.oidc);
  const places = options.geoFiles ? await readPlaces(options.geoFiles) : noPlaces;
  const { regionsFile } = options;
  const regions =
    regionsFile === undefined
      ? noRegions
      : await readRegions(regionsFile, options.geoFiles && places);
  const tracer = await openTracer({
    ...{ endpoint: options.otlpEndpoint, service: 'sluice-cloud', clock, logger },
    ...{ now: Date.now, randomBytes, fetch },
  });
  const tls = options.tls && (await openTls(options.tls, options, clock));
  const stores = await openStores({ ...options, clock, random, logger, places });
  const { services = serviceNames, enrolment = 'off' } = options;
  const ingestion = await openIngestion(options.ingest, { ...stores, clock, logger });
  const retention = { ...defaultRetention, ...options.retention };
  const { certificate } = tls ?? {};
  const entrance = new Entrance({ clock, requestsPerSecond, trustedProxies });
  const app = createApp({ logger, entrance, trustedProxies, certificate, tracer });

  let url = '';
  const serviceUrls = new ServiceUrls(options.serviceUrls ?? {}, () => url);
  const shared = {
    ...stores,
    regions,
    ingestion,
    clock,
    logger,
    entrance,
    listenUrl: () => url,
    serviceUrls,
  };
  const { arrayInstances = [], publicUrl } = options;
  const login = { passwords: new Passwords(options.passwordCost), oidc };
  const isAdminToken = adminTokenCheck(token);
  const trust = { enrolment, authority: () => tls?.authority, pin: () => tls?.pin };
  const operations = operationsOf(app, { ...stores, clock, isAdminToken }, options);
  const all = { ...shared, ...login, ...trust, ...retention, ...operations };
  const parts = { ...all, arrayInstances, isAdminToken };
  registerServices(app, parts, services);
  if (services.includes('events')) {
    app.addHook('onClose', keepDeleting(stores.events, retention, { ...stores, clock, logger }));
  }
  url = await listen(app, [ingestion, stores.instances, stores], options.listen);
  const server = app.server as unknown as TlsServer;
  tls?.follow((next) => server.setSecureContext(next), clock, logger);
  if (publicUrl !== undefined && services.includes('array')) {
    await stores.instances.register(publicUrl);
  }
  logger?.info({ url, dataDir, services }, 'the cloud is ready');

  let closed: Promise<void> | undefined;
  const close = () => {
    operations.drain.begin();
    closed ??= afterDrain(options.drainMs ?? 0, clock, () => {
      tls?.close();
      return shutDown(app, [ingestion, stores.instances, stores], clock);
    });
    return closed;
  };
  const reload = async () => tls?.reload();
  return { url, adminTokenFile, reload, close, [Symbol.asyncDispose]: close };
}

function openTls(
  tls: TlsOptions,
  { dataDir, listen: { host } }: CloudOptions,
  clock: Clock,
): Promise<ServerTls> {
  return ServerTls.open(tls, { dataDir, host, wallTime: wallTimeOf(clock) });
}

async function openIngestion(
  options: IngestOptions | undefined,
  parts: Stores & { clock: Clock; logger: Logger | undefined },
): Promise<Ingestion | undefined> {
  if (!options) return undefined;
  try {
    return new Ingestion(options, { ...parts, jobs: parts.ingestJobs });
  } catch (error) {
    await parts.close();
    throw error;
  }
}

/** @returns the URL it listens at. */
async function listen(
  app: FastifyInstance,
  rest: Closable[],
  { host, port }: CloudOptions['listen'],
): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    for (const part of rest) await part?.close();
    const detail = cause instanceof Error ? cause.message : String(cause);
    const address = `${bracketed(host)}:${port}`;
    throw sluiceError('ListenFailed', { address, detail }, { cause });
  }
  const bound = app.server.address() as AddressInfo;
  // One cannot dial "any address": name this machine instead.
  const dialled = { '0.0.0.0': '127.0.0.1', '::': '::1' }[bound.address] ?? bound.address;
  const scheme = app.initialConfig.https ? 'https' : 'http';
  return `${scheme}://${bracketed(dialled)}:${bound.port}`;
}

/** Goes on serving until load balancers have seen that it is not ready. */
function afterDrain(ms: number, clock: Clock, stop: () => Promise<void>): Promise<void> {
  if (ms === 0) return stop();
  return new Promise((resolve, reject) => {
    clock.setTimer(ms, () => void stop().then(resolve, reject));
  });
}

type Closable = { close(): Promise<void> } | undefined;

/** @param rest what is closed after it, in this order */
async function shutDown(app: FastifyInstance, rest: Closable[], clock: Clock): Promise<void> {
  const cancel = clock.setTimer(closeGraceMs, () => app.server.closeAllConnections());
  try {
    await app.close();
  } finally {
    cancel();
    for (const part of rest) await part?.close();
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
