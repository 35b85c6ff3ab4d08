/**
 * Warm serving: one object of 256 MiB from the cache node and from nginx (sendfile), with curl as
 * client, by turns. Prints medians, ratios to nginx and CPU seconds of the server per GiB.
 * `node packages/connected-cache/bench/serve.ts [rounds] [parallel clients]`
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { cpuSeconds } from './cpu-time.ts';
import { startNginx } from './nginx.ts';

const run = promisify(execFile);
const MiB = 1024 ** 2;
const objectLength = 256 * MiB;
const fetches = 4;
const rounds = Number(process.argv[2] ?? 7);
const clients = Number(process.argv[3] ?? 1);
const gib = (objectLength * fetches * clients) / 1024 ** 3;

interface Server {
  name: string;
  url: string;
  pid: number;
  seconds: number[];
  cpu: number[];
}

const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
const path = await makeObject();
const source = createServer((request, response) => sendRange(request.headers.range, response));
source.listen(0, '127.0.0.1');
await once(source, 'listening');
const origin = `127.0.0.1:${(source.address() as { port: number }).port}`;
const child = spawn(
  process.execPath,
  [join(import.meta.dirname, 'node-process.ts'), join(folder, 'cache'), origin],
  { stdio: ['pipe', 'pipe', 'inherit'] },
);
const nginx = await startNginx(folder, join(folder, 'nginx'));
try {
  const [line] = await once(createInterface(child.stdout), 'line');
  const node = server('sluice', `${line}/object?cacheHostOrigin=${origin}`, child.pid!);
  const servers = [node];
  if (nginx) servers.push(server('nginx', `${nginx.url}/object`, nginx.pid));
  else console.log('nginx is not installed: no ratio');
  for (const each of servers) await fetchAll(each.url);
  for (let round = 0; round < rounds; round++) {
    for (const each of round % 2 === 0 ? servers : servers.toReversed()) await measure(each);
  }
  report(servers);
} finally {
  await nginx?.stop();
  await stop(child);
  source.close();
  source.closeAllConnections();
  await rm(folder, { recursive: true });
}

function server(name: string, url: string, pid: number): Server {
  return { name, url, pid, seconds: [], cpu: [] };
}

async function measure({ url, pid, seconds, cpu }: Server): Promise<void> {
  const cpuBefore = await cpuSeconds(pid);
  const before = performance.now();
  await fetchAll(url);
  seconds.push((performance.now() - before) / 1000);
  cpu.push(((await cpuSeconds(pid)) - cpuBefore) / gib);
}

async function fetchAll(url: string): Promise<void> {
  const args = ['-sSf'];
  for (let i = 0; i < fetches; i++) args.push('-o', '/dev/null', url);
  await Promise.all(Array.from({ length: clients }, () => run('curl', args)));
}

function report(servers: Server[]): void {
  const base = servers.find(({ name }) => name === 'nginx') ?? servers[0]!;
  for (const { name, seconds, cpu } of servers) {
    const rate = (gib * 1024) / median(seconds);
    const relative = median(base.seconds) / median(seconds);
    const [own, theirs] = [median(cpu), median(base.cpu)];
    console.log(
      `${name.padEnd(7)} ${rate.toFixed(0).padStart(6)} MiB/s  ×${relative.toFixed(2)}  ` +
        `${own.toFixed(2)} CPU-s/GiB  ×${(own / theirs).toFixed(2)}`,
    );
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

async function makeObject(): Promise<string> {
  const target = join(folder, 'object');
  const file = await open(target, 'w');
  const block = Buffer.alloc(MiB);
  for (let i = 0; i < objectLength / MiB; i++) await file.write(randomFillSync(block));
  await file.close();
  return target;
}

async function sendRange(
  header: string | undefined,
  response: import('node:http').ServerResponse,
): Promise<void> {
  const match = /^bytes=(\d+)-(\d+)$/.exec(header ?? '');
  const start = Number(match?.[1] ?? 0);
  const end = Math.min(Number(match?.[2] ?? objectLength - 1), objectLength - 1);
  response.writeHead(206, {
    etag: '"bench"',
    'content-length': end - start + 1,
    'content-range': `bytes ${start}-${end}/${objectLength}`,
  });
  const file = await open(path);
  file.createReadStream({ start, end }).pipe(response);
}

async function stop(process: ChildProcess): Promise<void> {
  process.stdin?.end();
  await once(process, 'exit');
}
