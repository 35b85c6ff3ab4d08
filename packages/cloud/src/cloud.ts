import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Clock, sluiceError } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { adminRoutes } from './admin/admin-routes.ts';
import { adminTokenCheck, checkAdminToken, loadAdminToken } from './admin/admin-token.ts';
import { alarmRoutes } from './alarms/alarm-routes.ts';
import { arrayRoutes } from './array/array-routes.ts';
import { adminNodeRoutes } from './cache-nodes/admin-node-routes.ts';
import { nodeRoutes } from './cache-nodes/node-routes.ts';
import { systemClock } from './clock/system-clock.ts';
import { contentPolicyRoutes } from './content-policy/content-policy-routes.ts';
import { piecesHashFileRoutes } from './content-policy/pieces-hash-file-routes.ts';
import { discoveryRoutes } from './discovery/discovery-routes.ts';
import { geoRoutes } from './geo/geo-routes.ts';
import { hashLogRoutes } from './hash-log/hash-log-routes.ts';
import { healthRoutes } from './health/health-routes.ts';
import { createApp } from './http/app.ts';
import { ingestRoutes } from './ingest/ingest-routes.ts';
import { Ingestion, type IngestOptions } from './ingest/ingestion.ts';
import { keyValueRoutes } from './key-value/key-value-routes.ts';
import { metricsRoutes } from './metrics/metrics-routes.ts';
import { openStores, type Stores } from './stores.ts';

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
  /** Addresses and CIDRs of proxies in front, whose X-Forwarded headers are believed. */
  trustedProxies?: string[];
  logger?: Logger;
  clock?: Clock;
  /** Numbers in [0, 1): which peers are told. */
  random?: () => number;
  /** Requests a second allowed from one site (IPv4 address or IPv6 /64), twice as many at once. */
  requestsPerSecond?: number;
  /** Contents that the cloud takes in by itself; none without. */
  ingest?: IngestOptions | undefined;
}

/** A running cloud: geo, key-value, content policy, discovery, array and admin in one process. */
export interface Cloud {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** Where the admin token is kept, unless one was given. */
  readonly adminTokenFile: string;
  /** Takes no more requests, lets those under way finish, closes the stores. */
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
  const stores = await openStores({ ...options, clock, random, logger });
  const ingestion = await openIngestion(options.ingest, { ...stores, clock, logger });
  const app = createApp({ logger, clock, requestsPerSecond, trustedProxies });

  let url = '';
  const parts = { ...stores, ingestion, clock, listenUrl: () => url };
  for (const routes of [geoRoutes, keyValueRoutes, contentPolicyRoutes, piecesHashFileRoutes]) {
    routes(app, parts);
  }
  for (const routes of [discoveryRoutes, arrayRoutes, healthRoutes, nodeRoutes, metricsRoutes])
    routes(app, parts);
  app.register(async (scope) => {
    adminRoutes(scope, { ...parts, authorized: adminTokenCheck(token) });
    adminNodeRoutes(scope, parts);
    for (const routes of [alarmRoutes, hashLogRoutes, ingestRoutes]) routes(scope, parts);
  });
  url = await listen(app, [ingestion, stores], options.listen);
  logger?.info({ url, dataDir }, 'the cloud is ready');

  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= shutDown(app, [ingestion, stores], clock);
    return closed;
  };
  return { url, adminTokenFile, close, [Symbol.asyncDispose]: close };
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

async function makeDataDir(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw sluiceError('DataDirUnusable', { path, detail }, { cause });
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
  return `http://${bracketed(dialled)}:${bound.port}`;
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
