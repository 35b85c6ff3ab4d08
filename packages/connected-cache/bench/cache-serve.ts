/**
 * Warm serving of one large object: our cache node, nginx (proxy_cache and slice), Varnish and
 * Traffic Server by turns. Prints medians of throughput and of the servers' CPU seconds per GiB.
 * `npm run bench:cache -- [--rounds 5] [--length MiB] [--total MiB per run] [--workers n] [--only a,b]`
 */
import { execFile } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { cpuSeconds } from './cpu-time.ts';
import { firstByte } from './serve/first-byte.ts';
import { startNginx } from './serve/nginx.ts';
import { type Done, smallRanges, wholeObjects } from './serve/scenarios.ts';
import type { CacheServer } from './serve/server.ts';
import { startSluice } from './serve/sluice.ts';
import { startTrafficServer } from './serve/traffic-server.ts';
import { startVarnish } from './serve/varnish.ts';

const MiB = 1024 ** 2;
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    length: { type: 'string', default: '1024' },
    total: { type: 'string', default: '4096' },
    workers: { type: 'string', default: '1' },
    /** A part of their names. */
    scenario: { type: 'string', default: '' },
    only: { type: 'string', default: 'sluice,nginx,varnish,ats' },
  },
});
const length = Number(values.length) * MiB;
const total = Number(values.total) * MiB;

interface Scenario {
  name: string;
  /** On content that is not in the page cache. */
  cold?: boolean;
  run(server: CacheServer): Promise<Done>;
}

interface Figures {
  rate: number;
  cpuPerGiB: number;
  p99: number | undefined;
}

const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
// Varnish and Traffic Server run as users of their own.
await chmod(folder, 0o777);
const path = await makeObject();
const source = createServer((request, response) => sendRange(request.headers.range, response));
source.listen(0, '127.0.0.1');
await once(source, 'listening');
const origin = `127.0.0.1:${(source.address() as { port: number }).port}`;
const servers: CacheServer[] = [];
try {
  await startAll();
  for (const { url } of servers) await wholeObjects(url, 1, length, length);
  const whole = (clients: number) => (server: CacheServer) =>
    wholeObjects(server.url, clients, length, total);
  const scenarios: Scenario[] = [
    { name: 'hot, 1 client', run: whole(1) },
    { name: 'hot, 8 clients', run: whole(8) },
    { name: 'hot, 64 clients', run: whole(64) },
    { name: 'hot, 64 KiB by 8', run: ({ url }) => smallRanges(url, folder, length, 8, 3) },
    { name: 'hot, 64 KiB by 64', run: ({ url }) => smallRanges(url, folder, length, 64, 3) },
    { name: 'disk, 1 client', cold: true, run: (s) => wholeObjects(s.url, 1, length, length) },
    { name: 'disk, 8 clients', cold: true, run: (s) => wholeObjects(s.url, 8, length, length) },
  ];
  for (const scenario of scenarios) {
    if (scenario.name.includes(values.scenario)) await compare(scenario);
  }
} finally {
  for (const server of servers) await server.stop();
  source.close();
  source.closeAllConnections();
  await rm(folder, { recursive: true });
}

async function startAll(): Promise<void> {
  const setting = { origin, folder, length };
  const starts = {
    sluice: () => startSluice(setting, Number(values.workers)),
    nginx: () => startNginx(setting),
    varnish: () => startVarnish(setting),
    ats: () => startTrafficServer(setting),
  };
  for (const name of values.only.split(',') as (keyof typeof starts)[]) {
    const server = await starts[name]();
    if (server) servers.push(server);
    else console.log(`${name} is not installed: left out`);
  }
}

async function compare({ name, cold, run }: Scenario): Promise<void> {
  const taking = servers.filter(({ folder }) => !cold || folder !== undefined);
  const all = new Map(taking.map((server) => [server, [] as Figures[]]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const server of round % 2 === 0 ? taking : taking.toReversed()) {
      if (cold) await forget(server.folder!);
      all.get(server)!.push(await measured(server, run));
    }
  }
  console.log(name);
  const rows = [...all].map(([server, figures]) => ({ server, ...medians(figures) }));
  const base = rows.find(({ server }) => server.name === 'nginx');
  for (const { server, rate, cpuPerGiB, p99 } of rows) {
    const ratio = base ? `${(base.cpuPerGiB / cpuPerGiB).toFixed(2)} x nginx per CPU-s` : '';
    const tail = p99 === undefined ? '' : `, p99 ${p99.toFixed(1)} ms`;
    console.log(
      `  ${server.name.padEnd(8)} ${rate.toFixed(0).padStart(6)} MiB/s  ` +
        `${cpuPerGiB.toFixed(3)} CPU-s/GiB  ${ratio}${tail}`,
    );
    if (!name.includes('KiB by 64')) continue;
    console.log(`           ${await atHalfLoad(server, (rate * MiB) / 65536 / 2)}`);
  }
}

/** The latency of a server that is asked for half of what it could give, 64 connections together. */
async function atHalfLoad({ url }: CacheServer, perSecond: number): Promise<string> {
  const [connections, seconds] = [64, 5];
  const restMs = Math.max(1, Math.round((connections * 1000) / perSecond));
  const load = smallRanges(url, folder, length, connections, seconds, restMs);
  const p99 = await firstByte(url, length, load);
  const { bytes } = await load;
  const share = bytes / 65536 / seconds / perSecond / 2;
  return `first byte at ${(share * 100).toFixed(0)} % load: p99 ${p99.toFixed(1)} ms`;
}

async function measured(server: CacheServer, run: Scenario['run']): Promise<Figures> {
  const cpuBefore = await cpuSeconds(server.pid);
  const before = performance.now();
  const { bytes, p99 } = await run(server);
  const seconds = (performance.now() - before) / 1000;
  const cpu = (await cpuSeconds(server.pid)) - cpuBefore;
  return { rate: bytes / MiB / seconds, cpuPerGiB: cpu / (bytes / 1024 ** 3), p99 };
}

function medians(figures: Figures[]): Figures {
  const of = (pick: (f: Figures) => number) =>
    figures.map(pick).sort((a, b) => a - b)[Math.floor(figures.length / 2)]!;
  const p99 = figures[0]?.p99 === undefined ? undefined : of((f) => f.p99!);
  return { rate: of((f) => f.rate), cpuPerGiB: of((f) => f.cpuPerGiB), p99 };
}

/** Has the system forget the files, so that they are read from the disk. */
async function forget(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const args = [
      `of=${file}`,
      'oflag=nocache',
      'conv=notrunc,fdatasync',
      'count=0',
      'status=none',
    ];
    await promisify(execFile)('dd', args);
  }
}

async function makeObject(): Promise<string> {
  const target = join(folder, 'object');
  const file = await open(target, 'w');
  const block = Buffer.alloc(MiB);
  for (let i = 0; i < length / MiB; i++) await file.write(randomFillSync(block));
  await file.close();
  return target;
}

async function sendRange(header: string | undefined, response: ServerResponse): Promise<void> {
  const match = /^bytes=(\d+)-(\d+)$/.exec(header ?? '');
  const start = Number(match?.[1] ?? 0);
  const end = Math.min(Number(match?.[2] ?? length - 1), length - 1);
  response.writeHead(match ? 206 : 200, {
    etag: '"bench"',
    'cache-control': 'max-age=86400',
    'content-length': end - start + 1,
    ...(match && { 'content-range': `bytes ${start}-${end}/${length}` }),
  });
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  const file = await open(path);
  file.createReadStream({ start, end }).pipe(response);
}
