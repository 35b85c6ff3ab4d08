import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Clock, sluiceError } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { accessRoutes, openRoutes } from './admin/access/access-routes.ts';
import { adminScope } from './admin/access/admin-scope.ts';
import { adminTokenCheck, checkAdminToken, loadAdminToken } from './admin/access/admin-token.ts';
import { adminRoutes } from './admin/admin-routes.ts';
import { type PasswordCost, Passwords } from './admin/login/passwords.ts';
import { OidcLogin } from './admin/oidc/oidc-login.ts';
import type { OidcOptions } from './admin/oidc/oidc-options.ts';
import { arrayRoutes } from './array/array-routes.ts';
import { adminNodeRoutes } from './cache-nodes/admin-node-routes.ts';
import { nodeRoutes } from './cache-nodes/node-routes.ts';
import { systemClock } from './clock/system-clock.ts';
import { contentPolicyRoutes } from './content-policy/content-policy-routes.ts';
import { piecesHashFileRoutes } from './content-policy/pieces-hash-file-routes.ts';
import { discoveryRoutes } from './discovery/discovery-routes.ts';
import { geoRoutes } from './geo/geo-routes.ts';
import { healthRoutes } from './health/health-routes.ts';
import { createApp } from './http/app.ts';
import { keyValueRoutes } from './key-value/key-value-routes.ts';
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
  /** An identity provider whose users may log in as admins. */
  oidc?: OidcOptions;
  /** What a new password costs to check. */
  passwordCost?: PasswordCost;
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
  // Before anything is opened: what is wrong in it is told at once.
  const oidc = options.oidc && new OidcLogin(options.oidc);
  const stores = await openStores({ ...options, clock, random, logger });
  const app = createApp({ logger, clock, requestsPerSecond, trustedProxies });

  let url = '';
  const login = { passwords: new Passwords(options.passwordCost), oidc };
  const parts = { ...stores, ...login, clock, listenUrl: () => url };
  for (const routes of [geoRoutes, keyValueRoutes, contentPolicyRoutes, piecesHashFileRoutes]) {
    routes(app, parts);
  }
  for (const routes of [discoveryRoutes, arrayRoutes, healthRoutes, nodeRoutes]) routes(app, parts);
  app.register(async (scope) => openRoutes(scope, parts));
  app.register(async (scope) => {
    adminScope(scope, { ...parts, isAdminToken: adminTokenCheck(token) });
    accessRoutes(scope, parts);
    adminRoutes(scope, parts);
    adminNodeRoutes(scope, parts);
  });
  url = await listen(app, stores, options.listen);
  logger?.info({ url, dataDir }, 'the cloud is ready');

  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= shutDown(app, stores, clock);
    return closed;
  };
  return { url, adminTokenFile, close, [Symbol.asyncDispose]: close };
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
  stores: Stores,
  { host, port }: CloudOptions['listen'],
): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    await stores.close();
    const detail = cause instanceof Error ? cause.message : String(cause);
    const address = `${bracketed(host)}:${port}`;
    throw sluiceError('ListenFailed', { address, detail }, { cause });
  }
  const bound = app.server.address() as AddressInfo;
  // One cannot dial "any address": name this machine instead.
  const dialled = { '0.0.0.0': '127.0.0.1', '::': '::1' }[bound.address] ?? bound.address;
  return `http://${bracketed(dialled)}:${bound.port}`;
}

async function shutDown(app: FastifyInstance, stores: Stores, clock: Clock): Promise<void> {
  const cancel = clock.setTimer(closeGraceMs, () => app.server.closeAllConnections());
  try {
    await app.close();
  } finally {
    cancel();
    await stores.close();
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
