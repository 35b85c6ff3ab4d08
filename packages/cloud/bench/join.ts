/**
 * Joins per second: on the registry alone, and over HTTP, swarms in memory and in Valkey, next to a bare
 * Fastify route that parses and answers the same JSON: `npm run bench:array`. The server has one core for itself
 * where there are two and `taskset`; the load, and Valkey, have the other: where that is full, the rate is what they
 * can do, and CPU seconds of the server tell more. `-- --peers 1000000 --seconds 5 --rounds 3`; over HTTP peers are in
 * swarms of a hundred before, and join again and again in no order, `--filled 1000000` of them; `--only memory`
 */
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/clock/system-clock.ts';
import { MemorySwarmRegistry } from '../src/registry/memory-registry.ts';
import { openValkey } from '../src/registry/valkey/open-valkey.ts';
import { noValkey, startValkey } from '../src/testing/index.ts';
import { swarmsOf } from './fill.ts';
import { joinBody, memberAt, swarmAt } from './fleet.ts';
import { postMany } from './post-many.ts';

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    filled: { type: 'string', default: '5000' },
    only: { type: 'string' },
  },
});
const peers = Number(values.peers);
const seconds = Number(values.seconds);
const swarms = swarmsOf(peers);
const connections = 32;
/** Over HTTP. */
const devices = Number(values.filled);
/** Joins before anything is measured. */
const warmUp = 40_000;
/** A prime: all come, far from each other. */
const stride = 7_368_787;
/** Made before, where there are few: the load is light. */
const bodies =
  devices > 10_000 ? undefined : Array.from({ length: 2 * devices }, (_, n) => joinOf(n));

await benchRegistry();
// What this process starts is where it is, unless it is put elsewhere.
const isPinned = availableParallelism() >= 2 && pin(process.pid, 1);
if (!isPinned) console.log('no second core, or no taskset: server and load are not kept apart');
const valkey = noValkey ? undefined : await startValkey();
const asking = valkey && (await openValkey(valkey.url));
const ways = [
  { name: 'fastify', args: ['fastify'] },
  { name: 'memory', args: ['cloud', '', '', values.filled] },
  ...(valkey ? [{ name: 'Valkey', args: ['cloud', valkey.url, '', values.filled] }] : []),
].filter(({ name }) => name === 'fastify' || name === (values.only ?? name));
if (noValkey) console.log(`${noValkey}: without it`);
const measured = new Map<string, { rate: number; cpu: number }[]>();
for (let round = 0; round < Number(values.rounds); round++) {
  for (const way of ways) {
    const result = await benchServer(way);
    measured.set(way.name, [...(measured.get(way.name) ?? []), result]);
  }
}
for (const { name } of ways.slice(1)) {
  // On a busy machine the CPU time of the server says more than the rate.
  console.log(
    `${name} over bare Fastify: rate ${ratio('rate', name)}, requests per CPU second of the server ${ratio('cpu', name)}`,
  );
}
await halfLoad(ways[1]!);
asking?.disconnect();
await valkey?.stop();

/** The median of what the rounds came to: two that were measured one after the other. More is better. */
function ratio(what: 'rate' | 'cpu', name: string): string {
  const bare = measured.get('fastify')!;
  const quotients = measured.get(name)!.map((result, round) => result[what] / bare[round]![what]);
  const quotient = median(quotients);
  return (what === 'rate' ? quotient : 1 / quotient).toFixed(2);
}

function median(numbers: number[]): number {
  return numbers.toSorted((x, y) => x - y)[Math.floor(numbers.length / 2)]!;
}

/** How long answers take when half of what the cloud can do is asked of it. */
async function halfLoad(way: Way): Promise<void> {
  const rate = median(measured.get(way.name)!.map((result) => result.rate)) / 2;
  await benchServer(way, rate);
}

async function benchRegistry(): Promise<void> {
  const registry = new MemorySwarmRegistry({ clock: systemClock, random: Math.random });
  const before = heapUsed();
  for (let n = 0; n < peers; n++) {
    // Through JSON, so that the strings are the ones a request would bring.
    const member = JSON.parse(JSON.stringify(memberAt(n)));
    await registry.join(swarmAt(n, swarms), member, 20);
  }
  const bytes = heapUsed() - before;
  const rates: number[] = [];
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    for (let n = 0; n < peers; n++) {
      await registry.join(swarmAt(n, swarms), memberAt(n), 20);
    }
    rates.push(peers / ((performance.now() - start) / 1000));
  }
  const stats = await registry.stats();
  console.log(`registry: ${stats.peers} peers in ${stats.swarms} swarms, answers of 20`);
  console.log(`  joins        ${perSecond(rates.toSorted((x, y) => x - y)[1]!)}`);
  if (globalThis.gc) console.log(`  memory       ${Math.round(bytes / stats.peers)} B per peer`);
  else console.log('  memory       run with --expose-gc to see');
}

/** The join that is sent after n others. */
function bodyOf(n: number): string {
  return bodies?.[n % bodies.length] ?? joinOf(n);
}

/** Those who load have always loaded something since their last join. */
function joinOf(n: number): string {
  const received = 1_000 * (Math.floor(n / devices) % 2);
  return joinBody((n * stride) % devices, swarmsOf(devices), received);
}

interface Way {
  name: string;
  args: string[];
}

/**
 * @param most requests/s; as many as it takes when not given
 * @returns requests/s, and the server's CPU time per request in microseconds
 */
async function benchServer(
  { name, args }: Way,
  most?: number,
): Promise<{ rate: number; cpu: number }> {
  const server = fork(new URL('./serve.ts', import.meta.url), args, { stdio: 'inherit' });
  if (isPinned) pin(server.pid!, 0);
  const told = async () => (await once(server, 'message'))[0];
  const cpuTime = (): Promise<number> => {
    server.send('cpu');
    return told();
  };
  try {
    const target = new URL('/array/join/', await told());
    let sent = 0;
    const load = { body: () => bodyOf(sent++), connections };
    // What is compiled is compiled then, however slow this machine is.
    while (sent < warmUp) await postMany(target, { ...load, seconds: 2 });
    const before = await cpuTime();
    const others = await otherCore();
    const paced = most === undefined ? {} : { most };
    const { requests, p50, p99 } = await postMany(target, { ...load, ...paced, seconds });
    const cpu = ((await cpuTime()) - before) / requests;
    const [loading, storing] = (await otherCore()).map((all, i) => (all - others[i]!) / requests);
    const rate = requests / seconds;
    const full = (each: number) => `${Math.round((each * rate) / 10_000)}%`;
    const times = `p50 ${ms(p50)}, p99 ${ms(p99)}`;
    const other = `load ${loading!.toFixed(1)} + store ${storing!.toFixed(1)} µs`;
    const cores = `CPU each ${cpu.toFixed(1)} µs, ${full(cpu)} of its core; the other: ${other}, ${full(loading! + storing!)}`;
    console.log(`${name.padEnd(8)} over HTTP: ${perSecond(rate)}, ${times}, ${cores}`);
    return { rate, cpu };
  } finally {
    await stop(server);
  }
}

/** CPU time of what is on the other core, in µs: of the load, and of Valkey. */
async function otherCore(): Promise<[number, number]> {
  const { user, system } = process.cpuUsage();
  const told = (await asking?.info('cpu')) ?? '';
  const storing = [...told.matchAll(/used_cpu_(?:user|sys):([\d.]+)/g)].map(([, s]) => Number(s));
  return [user + system, 1e6 * storing.reduce((a, b) => a + b, 0)];
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const exited = once(server, 'exit');
  server.send('stop');
  await exited;
}

/** All threads of a process on one core. @returns false: it cannot be done here */
function pin(pid: number, core: number): boolean {
  return spawnSync('taskset', ['-a', '-c', '-p', `${core}`, `${pid}`]).status === 0;
}

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function perSecond(rate: number): string {
  return `${Math.round(rate).toLocaleString('en')}/s`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
