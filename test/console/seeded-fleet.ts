import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCloud } from '@sluice/cloud';
import { type Clock, computeHashOfHashes } from '@sluice/protocol';
import { eventsOf, type MadeDownload, snapshotOf, uuid } from './events.ts';
import { ingestHost, seedAdmin } from './seeded-admin.ts';

/** A real cloud that a made-up fleet has spoken to: by its own routes, so nothing in it is made up twice. */
export interface SeededCloud extends AsyncDisposable {
  url: string;
  adminToken: string;
  /** Of an owner. */
  user: { name: string; password: string };
  contentIds: string[];
  /** A device, and a download of it that failed. */
  deviceId: string;
  jobId: string;
  /** Somebody has looked at all alarms. */
  settle(): Promise<void>;
  /** Eight seconds later all devices of the first content have got further. */
  goOn(): Promise<string>;
}

const mib = 1_048_576;
const day = 86_400_000;
const files = [
  { url: 'https://downloads.example/os/update-2026-11.img', size: 700 * mib },
  { url: 'https://downloads.example/models/assistant-7b.gguf', size: 4_100 * mib },
  { url: 'https://packages.example/pool/office-suite.msi', size: 310 * mib },
];
const sites = ['192.0.2.10', '198.51.100.20', '203.0.113.30'];
const deviceCount = 18;
const rollout = {
  Name: 'longer cache',
  Kind: 'Default',
  Stages: [{ Percent: 10 }, { At: '2100-01-01T00:00:00Z', Percent: 50 }],
  Variants: [
    { Name: 'a week', Weight: 1, Settings: { DOMaxCacheAge: 604_800 } },
    { Name: 'a month', Weight: 1, Settings: { DOMaxCacheAge: 2_592_000 } },
  ],
};

/** @param options.empty a user, and nothing else */
export async function startSeededCloud({ empty = false } = {}): Promise<SeededCloud> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'sluice-console-'));
  let ahead = 0;
  const clock: Clock = {
    now: () => performance.now() + ahead,
    setTimer(ms, fn) {
      const timer = setTimeout(fn, ms);
      return () => clearTimeout(timer);
    },
  };
  const cloud = await createCloud({
    dataDir,
    clock,
    listen: { host: '127.0.0.1', port: 0 },
    ...(!empty && { ingest: { allow: [ingestHost, '*.packages.example'] } }),
    // So that devices come from several sites.
    trustedProxies: ['127.0.0.1'],
    // A password of a test is no secret.
    passwordCost: { logN: 4, r: 8, p: 1 },
  });
  const close = async () => {
    await cloud.close();
    await rm(dataDir, { recursive: true });
  };
  try {
    const adminToken = (await readFile(cloud.adminTokenFile, 'utf8')).trim();
    const seed = new Seed(cloud.url, adminToken);
    return {
      url: cloud.url,
      adminToken,
      ...(await seed.run(empty)),
      settle: () => seed.settle(),
      goOn: async () => {
        ahead += 8_000;
        await seed.join(0.9);
        return seed.newcomer();
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

class Seed {
  readonly #url: string;
  readonly #token: string;
  #contentIds: string[] = [];

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  async run(empty: boolean) {
    const user = { name: 'ada', password: 'correct horse battery' };
    await this.#post('/admin/users', { Name: user.name, Role: 'owner', Password: user.password });
    const failed = { deviceId: peerId(0), jobId: 'job-0-2' };
    if (empty) return { user, contentIds: this.#contentIds, ...failed };
    await this.#post('/admin/tokens', { Name: 'ci', Role: 'operator', ExpiresAt: null });
    for (const file of files) this.#contentIds.push(await this.#publish(file));
    await this.#cacheNode();
    await this.#post(
      '/admin/settings',
      { Default: { DODownloadMode: 2 }, Forced: { DOMaxUploadBandwidth: 500 } },
      'PATCH',
    );
    await this.#post('/admin/rollouts', { Rollouts: [rollout] }, 'PUT');
    await seedAdmin((where, body, method) => this.#post(where, body, method));
    await this.#alarm();
    await Promise.all(Array.from({ length: deviceCount }, (_, n) => this.#device(n)));
    await this.join(0.5);
    return { user, contentIds: this.#contentIds, ...failed };
  }

  /** Every device joins at the first content. @param has which part of it the slowest have */
  async join(has: number): Promise<void> {
    const { size } = files[0]!;
    for (let n = 0; n < deviceCount; n++) {
      const done = n % 6 === 0 ? 1 : Math.min(1, has + n / 100);
      const fromHttp = n % 6 === 0 ? size : 0.08 * done * size;
      const fromCache = n % 6 === 0 ? 0 : 0.12 * done * size;
      const body = {
        ContentId: this.#contentIds[0],
        PeerId: peerId(n),
        Left: String(Math.round(size * (1 - done))),
        Downloaded: String(Math.round(size * done)),
        DownloadedCdn: String(Math.round(fromHttp)),
        DownloadedDoinc: String(Math.round(fromCache)),
        Uploaded: String(Math.round(0.7 * done * size)),
        Scope: '1',
      };
      await this.#post('/array/join/', body, 'POST', siteOf(n));
    }
  }

  /** Another has just begun, and knows no size yet. @returns its peer id */
  async newcomer(): Promise<string> {
    const PeerId = peerId(99);
    const body = { ContentId: this.#contentIds[0], PeerId, Left: '1', Scope: '1' };
    await this.#post('/array/join/', body, 'POST', siteOf(0));
    return PeerId;
  }

  /** The hash list of another length at the same state of a URL is refused, and somebody has to look at it. */
  async #alarm(): Promise<void> {
    const [file] = files as [(typeof files)[number]];
    const wrong = this.#publish({ ...file, size: file.size - 1 });
    await assert.rejects(wrong, /HashConflict/);
  }

  async settle(): Promise<void> {
    const { Alarms } = (await this.#post('/admin/alarms', undefined, 'GET')) as {
      Alarms: { Id: string }[];
    };
    for (const { Id } of Alarms) await this.#post(`/admin/alarms/${Id}`, undefined, 'DELETE');
  }

  async #publish({ url, size }: (typeof files)[number]): Promise<string> {
    const pieceSize = 16 * mib;
    const digests = new Uint8Array(Math.ceil(size / pieceSize) * 32).fill(size % 251);
    const phf = {
      majorVersion: 1,
      minorVersion: 0,
      contentLength: size,
      pieceSize,
      digests,
    } as const;
    const Pieces = Array.from({ length: digests.length / 32 }, (_, i) =>
      Buffer.from(digests.subarray(i * 32, (i + 1) * 32)).toString('base64'),
    );
    const HashOfHashes = computeHashOfHashes(phf);
    const { ContentId } = (await this.#post('/admin/content', {
      Urls: [url],
      ETag: '"6c0f-5a2e"',
      Phf: {
        MajorVersion: 1,
        MinorVersion: 0,
        HashOfHashes,
        ContentLength: size,
        PieceSize: pieceSize,
        Pieces,
      },
    })) as { ContentId: string };
    return ContentId;
  }

  /** One that is at work and has an issue, and one that never phoned home. */
  async #cacheNode(): Promise<void> {
    await this.#post('/admin/cache-nodes', { Name: 'bergen', Cidrs: ['198.51.100.0/24'] });
    const made = await this.#post('/admin/cache-nodes', {
      Name: 'oslo',
      Cidrs: ['192.0.2.0/24'],
      MaxAllowableEgressInMbps: 900,
    });
    const { RegistrationKey } = made as { RegistrationKey: string };
    const { CacheNodeId, Key } = (await this.#post('/cache-nodes/register', {
      RegistrationKey,
    })) as {
      CacheNodeId: string;
      Key: string;
    };
    const heartbeat = {
      ...{ PublicHost: 'cache.oslo.example', Port: 80, State: 'Healthy' },
      ...{ HitBytes: 83e9, MissBytes: 9e9, SourceBytes: 9.2e9, Requests: 45_210 },
      ...{ CacheBytes: 61e9, ActiveAnswers: 14, EgressMbps: 412.6 },
      Issues: [
        {
          Type: 'DriveNearlyFull',
          Subject: '/srv/cache',
          Detail: '94 % of the drive is used',
          StartTime: new Date().toISOString(),
          EndTime: null,
        },
      ],
      Jobs: [],
    };
    await this.#post(
      '/cache-nodes/heartbeat',
      heartbeat,
      'POST',
      undefined,
      `${CacheNodeId}.${Key}`,
    );
    await this.#post('/admin/cache-nodes/oslo/preheat', {
      Urls: [files[0]!.url],
      EverySeconds: 86_400,
    });
  }

  /** What a device has told in the last two weeks. */
  async #device(n: number): Promise<void> {
    const now = Date.now();
    const id = peerId(n);
    const downloads = files.map((file, f): MadeDownload => {
      const part = (of: number) => Math.round(of * file.size * (0.9 + ((n * 7 + f) % 10) / 50));
      return {
        peerId: id,
        contentId: this.#contentIds[f]!,
        url: file.url,
        jobId: `job-${n}-${f}`,
        size: file.size,
        begun: now - (1 + ((n + 4 * f) % 14)) * day,
        tookMs: 60_000 + 7_000 * n,
        ...{ cdn: part(0.09), cache: part(0.2), lan: part(0.55), group: part(0.12) },
        failed: n === 0 && f === 2,
      };
    });
    const Events = [...downloads.flatMap(eventsOf), snapshotOf(id, now - 60_000, `desk-${n + 1}`)];
    const batch = { DeviceId: id, BatchId: uuid(), SentAt: now, Events };
    await this.#post('/events', batch, 'POST', siteOf(n));
  }

  async #post(
    where: string,
    body: object | undefined,
    method = 'POST',
    from?: string,
    bearer = this.#token,
  ): Promise<unknown> {
    const response = await fetch(`${this.#url}${where}`, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body && { 'content-type': 'application/json' }),
        ...(from !== undefined && { 'x-forwarded-for': from }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

function peerId(n: number): string {
  return `${((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')}${String(n).padStart(32, '0')}`;
}

function siteOf(n: number): string {
  return sites[n % sites.length]!;
}
