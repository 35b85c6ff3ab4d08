import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ManualClock, type PublishRequest, seededRandom } from '@sluice/protocol';
import { type Cloud, type CloudOptions, createCloud } from './cloud.ts';

/** The test vector of wire.md §1. */
export const phf = {
  MajorVersion: 1,
  MinorVersion: 0,
  HashOfHashes: 'bLR+YkW147Gf10YSrQ6lgW3AC9E1aDesK3TaSr0DHJA=',
  ContentLength: 244_530,
  PieceSize: 1_048_576,
  Pieces: ['J/rmYNjGCeAgcDu0Y7ZgHmKBHcddsZl1vLfWjZWbUn0='],
};

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  bytes: Buffer;
  /** The body as JSON, undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape
  json: any;
}

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Another host of the cloud, such as "::1". */
  host?: string;
}

/** A real cloud on a free port with its own data directory and a clock that stands still. */
export interface TestCloud {
  cloud: Cloud;
  clock: ManualClock;
  dataDir: string;
  token: string;
  /** Sends a request exactly as written: the path is not normalised. An object as body goes as JSON. */
  ask(path: string, asked?: Asked): Promise<Answer>;
  /** The same with the admin token. */
  admin(path: string, asked?: Asked): Promise<Answer>;
  publish(request?: Partial<PublishRequest>): Promise<Answer>;
  join(request: Record<string, unknown>, host?: string): Promise<Answer>;
}

/** A directory that is removed after the test, once `before` is done. */
export async function temporaryDir(
  t: TestContext,
  before: () => Promise<void> = async () => {},
): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-cloud-'));
  t.after(async () => {
    await before();
    await rm(dir, { recursive: true });
  });
  return dir;
}

export async function startCloud(
  t: TestContext,
  options: Partial<CloudOptions> = {},
): Promise<TestCloud> {
  let started: Cloud | undefined;
  const dataDir = await temporaryDir(t, async () => started?.close());
  const clock = new ManualClock();
  const cloud = await createCloud({
    dataDir,
    listen: { host: '127.0.0.1', port: 0 },
    clock,
    random: seededRandom(1),
    ...options,
  });
  started = cloud;
  const token = options.adminToken ?? (await readFile(cloud.adminTokenFile, 'utf8')).trim();
  const ask = (path: string, asked: Asked = {}) => send(cloud.url, path, asked);
  const admin = (path: string, asked: Asked = {}) =>
    ask(path, { ...asked, headers: { authorization: `Bearer ${token}`, ...asked.headers } });
  return {
    cloud,
    clock,
    dataDir,
    token,
    ask,
    admin,
    publish: (request = {}) =>
      admin('/admin/content', {
        body: { Urls: ['http://source/file.bin'], Phf: phf, ...request },
      }),
    join: (request, host) =>
      ask('/array/join/', {
        body: { ContentId: 'c', PeerId: '0'.repeat(40), Left: '1', ...request },
        ...(host === undefined ? {} : { host }),
      }),
  };
}

function send(base: string, path: string, asked: Asked): Promise<Answer> {
  const { hostname, port } = new URL(base);
  const body = encoded(asked.body);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: asked.host ?? hostname.replace(/^\[|\]$/g, ''),
        port,
        path,
        method: asked.method ?? (body === undefined ? 'GET' : 'POST'),
        headers: body === undefined ? asked.headers : withType(asked.headers),
        agent: false,
      },
      async (response) => {
        try {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk);
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString();
          const { statusCode = 0, headers } = response;
          resolve({ status: statusCode, headers, text, bytes, json: parsed(text) });
        } catch (error) {
          reject(error);
        }
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

function withType(headers: Record<string, string> = {}): Record<string, string> {
  return { 'content-type': 'application/json', ...headers };
}

function encoded(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return body;
  return JSON.stringify(body);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
