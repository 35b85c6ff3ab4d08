/**
 * Cold fills: one object from a source that is 20 ms away and gives 200 Mbit/s to a connection, 800 in all,
 * directly and through caches that do not have it yet. All bytes are compared. Prints client rates, the ratio
 * to a direct parallel download, CPU seconds of the cache per GiB, and how many copies left the source.
 * `npm run bench:fill -- [--size MiB] [--rounds N]`
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs, promisify } from 'node:util';
import { cpuSeconds } from './cpu-time.ts';
import { type CacheProxy, startSliceNginx, startSquid } from './fill/proxies.ts';

const run = promisify(execFile);
const MiB = 1024 ** 2;
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '256' },
    rounds: { type: 'string', default: '3' },
  },
});
const length = Number(values.size) * MiB;
const rounds = Number(values.rounds);
if (!(length >= MiB && rounds >= 1)) throw new Error('--size MiB and --rounds are numbers from 1');
const megabit = 1e6 / 8;
const [rttMs, perConnection, inAll] = [20, 200 * megabit, 800 * megabit];
const manyClients = 50;

interface Measured {
  seconds: number[];
  cpu: number[];
  copies: number[];
}

const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-fill-'));
const source = start('fill/paced-source.ts', length, rttMs, perConnection, inAll);
const lines = createInterface(source.stdout!)[Symbol.asyncIterator]();
const origin = `127.0.0.1:${(await lines.next()).value}`;
const results = new Map<string, Measured>();
let runs = 0;
try {
  for (let round = 0; round < rounds; round++) {
    const url = `http://${origin}/object`;
    await measure('direct, 4 connections', () => fetchObject(url, 4));
    await measure('direct, 8 connections', () => fetchObject(url, 8));
    await measure('direct, aria2c -x8', () => aria2(url));
    await measure('direct, 1 connection', () => fetchObject(url, 1));
    await through('sluice', startNode, 1);
    await through('nginx slice', startSliceNginx, 1);
    await through('squid', startSquid, 1);
    await through(`sluice, ${manyClients} clients`, startNode, manyClients);
  }
  report();
} finally {
  source.stdin?.end();
  await once(source, 'exit');
  await rm(folder, { recursive: true });
}

async function through(
  name: string,
  open: (folder: string, origin: string) => Promise<CacheProxy | undefined>,
  clients: number,
): Promise<void> {
  const own = join(folder, `${runs++}`);
  const proxy = await open(own, origin);
  if (!proxy) return console.log(`${name} is not installed`);
  try {
    await measure(name, () => fetchObject(proxy.url, 1, clients), proxy.pid);
  } finally {
    await proxy.stop();
    await rm(own, { recursive: true });
  }
}

async function measure(name: string, fetch: () => Promise<number>, pid?: number): Promise<void> {
  const result = results.get(name) ?? { seconds: [], cpu: [], copies: [] };
  results.set(name, result);
  const before = await sent();
  const cpuBefore = pid === undefined ? 0 : await cpuSeconds(pid);
  result.seconds.push(await fetch());
  if (pid !== undefined) {
    result.cpu.push(((await cpuSeconds(pid)) - cpuBefore) / (length / 1024 ** 3));
  }
  result.copies.push(((await sent()) - before) / length);
}

/** @returns the seconds of the slowest client */
async function fetchObject(url: string, connections: number, clients = 1): Promise<number> {
  const script = join(import.meta.dirname, 'fill/client.ts');
  const args = [script, url, `${length}`, `${connections}`, `${clients}`];
  const { stdout } = await run(process.execPath, args);
  return Math.max(...JSON.parse(stdout));
}

async function aria2(url: string): Promise<number> {
  const before = performance.now();
  const args = ['-x8', '-s8', '-k1M', '-q', '--file-allocation=none', '-d', folder, '-o', 'aria2'];
  await run('aria2c', [...args, url]);
  const seconds = (performance.now() - before) / 1000;
  await rm(join(folder, 'aria2'));
  return seconds;
}

async function startNode(own: string, from: string): Promise<CacheProxy> {
  const child = start('node-process.ts', join(own, 'cache'), from);
  const [line = ''] = await once(createInterface(child.stdout!), 'line');
  const stop = async () => {
    child.stdin?.end();
    await once(child, 'exit');
  };
  const url = `${line}/object?cacheHostOrigin=${from}`;
  return { name: 'sluice', url, pid: child.pid!, stop };
}

function start(script: string, ...args: (string | number)[]): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, script), ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

async function sent(): Promise<number> {
  source.stdin!.write('\n');
  return JSON.parse((await lines.next()).value ?? '').sent;
}

function report(): void {
  const direct = ['direct, 4 connections', 'direct, 8 connections', 'direct, aria2c -x8'];
  const base = Math.min(...direct.map((name) => median(results.get(name)!.seconds)));
  for (const [name, { seconds, cpu, copies }] of results) {
    const rate = (length * 8) / 1e6 / median(seconds);
    console.log(
      `${name.padEnd(22)} ${rate.toFixed(0).padStart(4)} Mbit/s  ` +
        `×${(base / median(seconds)).toFixed(3)}  ${median(copies).toFixed(3)} copies  ` +
        (cpu.length > 0 ? `${median(cpu).toFixed(2)} CPU-s/GiB` : ''),
    );
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
