/**
 * The HTTP source alone: 1 GiB from a local nginx into one reused buffer, by the direct reader, by
 * undici, and by `curl -o /dev/null`, interleaved. Prints medians, the ratio to curl and this
 * process's CPU seconds per GiB.
 *
 *     node packages/agent/bench/http-source.ts [rounds]
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../src/clock/system-clock.ts';
import { createHttpSource, type RunSink } from '../src/source/index.ts';

const GiB = 1024 ** 3;
const rounds = Number(process.argv[2] ?? 7);
const never = new AbortController().signal;

interface Way {
  name: string;
  fetch(url: string): Promise<void> | void;
  seconds: number[];
  cpu: number[];
}

class Discard implements RunSink {
  readonly #buffer = new Uint8Array(new SharedArrayBuffer(1_048_576));
  length = 0;
  space = () => this.#buffer;
  ready = () => Promise.resolve();
  filled(n: number): void {
    this.length += n;
  }
}

async function fetchBySource(url: string, generalOnly: boolean): Promise<void> {
  const source = createHttpSource({ url, clock: systemClock, generalOnly });
  const sink = new Discard();
  await source.fetch({ start: 0, end: GiB }, sink, never);
  await source.close();
  if (sink.length !== GiB) throw new Error(`${sink.length} bytes came`);
}

function way(name: string, fetch: Way['fetch']): Way {
  return { name, fetch, seconds: [], cpu: [] };
}

async function measure({ fetch, seconds, cpu }: Way, url: string): Promise<void> {
  const before = { time: performance.now(), cpu: process.cpuUsage() };
  await fetch(url);
  const { user, system } = process.cpuUsage(before.cpu);
  seconds.push((performance.now() - before.time) / 1000);
  cpu.push((user + system) / 1e6);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

async function startNginx(folder: string) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  const config = join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
     ${process.getuid?.() === 0 ? 'user root;' : ''}
     events {}
     http {
       access_log off; sendfile on; tcp_nopush on;
       ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
         .map((name) => `${name}_temp_path ${folder}/${name};`)
         .join(' ')}
       server { listen 127.0.0.1:${port}; location / { root ${folder}; } }
     }`,
  );
  const child = spawn('/usr/sbin/nginx', ['-c', config, '-e', join(folder, 'error.log')]);
  await once(child, 'spawn');
  return { child, url: `http://127.0.0.1:${port}/object` };
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
writeFileSync(join(folder, 'object'), '');
truncateSync(join(folder, 'object'), GiB);
const { child, url } = await startNginx(folder);
const ways = [
  way('direct', (address) => fetchBySource(address, false)),
  way('undici', (address) => fetchBySource(address, true)),
  way('curl', (address) => {
    execFileSync('curl', ['-sSf', '-o', '/dev/null', address]);
  }),
];
try {
  for (let i = 0; i < 100; i++) {
    const up = await fetch(url, { method: 'HEAD' }).catch(() => undefined);
    if (up?.ok) break;
    await wait(50);
  }
  for (const each of ways) await each.fetch(url); // Warms caches and code.
  for (let round = 0; round < rounds; round++) {
    for (const each of round % 2 === 0 ? ways : ways.toReversed()) await measure(each, url);
  }
  const base = median(ways.at(-1)!.seconds);
  for (const { name, seconds, cpu } of ways) {
    const time = median(seconds);
    const own = name === 'curl' ? '' : `${median(cpu).toFixed(2)} CPU-s/GiB`;
    const rate = (1024 / time).toFixed(0).padStart(5);
    console.log(`${name.padEnd(7)} ${rate} MiB/s  ×${(base / time).toFixed(2)} of curl  ${own}`);
  }
} finally {
  child.kill('SIGTERM');
  await once(child, 'exit');
  rmSync(folder, { recursive: true });
}
