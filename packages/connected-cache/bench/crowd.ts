/**
 * A crowd at one cache node in a process of its own: connections that idle and ask for a byte now and
 * then, heads that never end, clients that take trickles (every byte compared), and one that wants its
 * bytes now. Fails when a byte is wrong, an idle connection does not hold to the end, the quick client
 * starves, or the node takes too much memory. Needs `ulimit -n 16384`.
 * `npm run bench:cache-crowd -- [--idle 10000] [--slow 2000] [--memory MiB] [--workers n]`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type CrowdTarget, idleConnection, slowClient } from '../src/testing/crowd.ts';
import { MiB, randomBytesOf } from '../src/testing/harness.ts';
import { TestSource } from '../src/testing/test-source.ts';
import { cpuSeconds } from './cpu-time.ts';

const { values } = parseArgs({
  options: {
    idle: { type: 'string', default: '10000' },
    slow: { type: 'string', default: '2000' },
    memory: { type: 'string', default: '400' },
    workers: { type: 'string', default: '2' },
  },
});
const each = 4 * MiB;
const bytes = randomBytesOf(64 * MiB);
const source = await TestSource.start();
source.put('/file', { bytes });
const folder = await mkdtemp(join(tmpdir(), 'sluice-crowd-'));
const script = join(import.meta.dirname, 'node-process.ts');
const child = spawn(process.execPath, [script, folder, source.host, values.workers], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
try {
  const [url] = await once(createInterface(child.stdout), 'line');
  await crowd({ url, host: source.host, path: '/file', bytes });
} finally {
  child.stdin.end();
  await once(child, 'exit');
  await source[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
}

async function crowd(target: CrowdTarget): Promise<void> {
  await quick(target);
  const heads = times(500, () => idleConnection(target, 'GET /file HTTP/1.1\r\nHost:'));
  const halves = await Promise.all(heads);
  const idle: Socket[] = [];
  while (idle.length < Number(values.idle)) {
    const more = Math.min(100, Number(values.idle) - idle.length);
    idle.push(...(await Promise.all(times(more, () => idleConnection(target)))));
  }
  let asking: Promise<void> = Promise.resolve();
  const alive = setInterval(() => {
    asking = asking.then(() => askAll(target, idle));
    asking.catch(fail);
  }, 20_000);
  console.log(`${idle.length} idle: node ${await memoryMiB()} MiB`);
  const before = await cpuSeconds(child.pid!);
  let worst = 0;
  let done = false;
  const slow = times(Number(values.slow), async (i) => {
    // One process plays them all: at once its heads would leave too late for the node's patience.
    await new Promise((resolve) => setTimeout(resolve, 5 * i));
    const start = (i * 1_048_583) % (bytes.length - each);
    return slowClient(
      target,
      { start, end: start + each },
      { bite: 65_536, pauseMs: 100 + (i % 400) },
    );
  });
  const all = Promise.all(slow).finally(() => {
    done = true;
  });
  while (!done) {
    const began = performance.now();
    await quick(target);
    worst = Math.max(worst, performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await all;
  clearInterval(alive);
  await asking;
  await askAll(target, idle);
  const cpu = (await cpuSeconds(child.pid!)) - before;
  const most = await memoryMiB();
  console.log(
    `${slow.length} slow clients, ${slow.length * (each / MiB)} MiB, each byte right; ` +
      `node at most ${most} MiB, ${cpu.toFixed(1)} CPU-s; 1 MiB for the quick client took at most ${worst.toFixed(0)} ms`,
  );
  console.log(`${idle.length} idle connections held to the end`);
  for (const socket of [...idle, ...halves]) socket.destroy();
  if (most > Number(values.memory)) throw new Error(`more than ${values.memory} MiB`);
}

function quick(target: CrowdTarget): Promise<void> {
  return slowClient(target, { start: 7, end: 7 + MiB }, { bite: MiB, pauseMs: 0 });
}

/** One byte on each of the connections, a thousand at a time. @throws when one is gone, or a byte wrong */
async function askAll(target: CrowdTarget, idle: Socket[]): Promise<void> {
  for (let at = 0; at < idle.length; at += 1000) {
    await Promise.all(
      idle.slice(at, at + 1000).map((socket, i) => askByte(target, socket, at + i)),
    );
  }
}

function askByte({ host, path, bytes }: CrowdTarget, socket: Socket, at: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let text = '';
  const closed = () => reject(new Error(`idle connection ${at} was closed`));
  const data = (chunk: Buffer) => {
    text += chunk.toString('latin1');
    const cut = text.indexOf('\r\n\r\n');
    if (cut < 0 || text.length < cut + 5) return;
    if (text.charCodeAt(cut + 4) === bytes[at]) resolve();
    else reject(new Error(`wrong byte at ${at}`));
  };
  socket.on('data', data).once('close', closed).resume();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nRange: bytes=${at}-${at}\r\n\r\n`);
  return promise.finally(() => socket.off('data', data).off('close', closed).pause());
}

function fail(error: unknown): never {
  throw error;
}

/** The most that the node has had so far. */
async function memoryMiB(): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'latin1');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
