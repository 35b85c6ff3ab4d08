/**
 * Joins per second: on the registry alone, and over HTTP, swarms in memory and in Valkey, next to a bare
 * Fastify route that parses and answers the same JSON: `npm run bench:array`. All servers are there all the time and
 * take turns, a few seconds each, so that what else the machine does meets all; a ratio is the median of its turns.
 *
 * "On one core" is the cloud's process: it has a core for itself where there are two and `taskset`. The load, and
 * Valkey, have the other, and wait for each other there, so the rate with Valkey is less than what the server could do:
 * CPU seconds of the server tell that, and what the other core spends on each join is printed with it.
 *
 * `-- --peers 5000 --seconds 3 --rounds 7`; over HTTP all peers are in swarms of a hundred before, and join again and
 * again in no order; a run must end before they expire, two and a half minutes behind their last join; `--only memory`
 */
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/clock/system-clock.ts';
import { joinRules, keepAlive } from '../src/registry/join-interval.ts';
import { MemorySwarmRegistry } from '../src/registry/memory-registry.ts';
import { openValkey } from '../src/registry/valkey/open-valkey.ts';
import { noValkey, startValkey } from '../src/testing/index.ts';
import { swarmsOf } from './fill.ts';
import { joinBody, memberAt, swarmAt } from './fleet.ts';
import { postMany } from './post-many.ts';

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
});
const peers = Number(values.peers);
const seconds = Number(values.seconds);
const swarms = swarmsOf(peers);
const connections = 32;
/** Joins before anything is measured. */
const warmUp = 40_000;
/** A prime: all come, far from each other. */
const stride = 7_368_787;
/** Made before, where there are few: the load is light. */
const bodies = peers > 10_000 ? undefined : Array.from({ length: 2 * peers }, (_, n) => joinOf(n));

await benchRegistry();
// What this process starts is where it is, unless it is put elsewhere.
const isPinned = availableParallelism() >= 2 && pin(process.pid, 1);
if (!isPinned) console.log('no second core, or no taskset: server and load are not kept apart');
const valkey = noValkey ? undefined : await startValkey();
const asking = valkey && (await openValkey(valkey.url));
const ways = [
  { name: 'fastify', args: ['fastify'] },
  { name: 'memory', args: ['cloud', '', '', values.peers] },
  ...(valkey ? [{ name: 'Valkey', args: ['cloud', valkey.url, '', values.peers] }] : []),
].filter(({ name }) => name === 'fastify' || name === (values.only ?? name));
if (noValkey) console.log(`${noValkey}: without it`);
const servers: Server[] = [];
const filledFrom = performance.now();
// From the last, which takes longest to fill: nobody waits for it and expires.
for (const way of ways.toReversed()) servers.unshift(await startServer(way));
// What is compiled is compiled then, however slow this machine is.
for (const server of servers) while (server.sent < warmUp) await load(server, 2);
for (let round = 0; round < Number(values.rounds); round++) {
  for (const server of servers) server.measured.push(await benchServer(server));
}
const [bare, ...ours] = servers as [Server, ...Server[]];
for (const server of ours) {
  console.log(
    `${server.name} over bare Fastify: rate ${ratio('rate', server)}, requests per CPU second of the server ${ratio('cpu', server)}`,
  );
}
console.log('at half of its rate:');
for (const server of ours) {
  await benchServer(server, median(server.measured.map(({ rate }) => rate)) / 2);
}
if (performance.now() - filledFrom > keepAlive(joinRules.usualInterval)) {
  console.log('it took too long: peers expired, and came as new ones in the last rounds');
}
for (const { child } of servers) await stop(child);
asking?.disconnect();
await valkey?.stop();

/** The median of what the rounds came to: two that were measured one after the other. More is better. */
function ratio(what: 'rate' | 'cpu', { measured }: Server): string {
  const quotients = measured.map((result, round) => result[what] / bare.measured[round]![what]);
  const quotient = median(quotients);
  return (what === 'rate' ? quotient : 1 / quotient).toFixed(2);
}

function median(numbers: number[]): number {
  return numbers.toSorted((x, y) => x - y)[Math.floor(numbers.length / 2)]!;
}

async function benchRegistry(): Promise<void> {
  const registry = new MemorySwarmRegistry({ clock: systemClock, random: Math.random });
  const before = memoryUsed();
  for (let n = 0; n < peers; n++) {
    // Through JSON, so that the strings are the ones a request would bring.
    const member = JSON.parse(JSON.stringify(memberAt(n)));
    await registry.join(swarmAt(n, swarms), member, 20);
  }
  const bytes = memoryUsed() - before;
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
  const received = 1_000 * (Math.floor(n / peers) % 2);
  return joinBody((n * stride) % peers, swarms, received);
}

interface Server {
  name: string;
  child: ChildProcess;
  target: URL;
  /** Joins that were sent to it. */
  sent: number;
  measured: { rate: number; cpu: number }[];
}

async function startServer({ name, args }: { name: string; args: string[] }): Promise<Server> {
  const child = fork(new URL('./serve.ts', import.meta.url), args, { stdio: 'inherit' });
  if (isPinned) pin(child.pid!, 0);
  const target = new URL('/array/join/', (await once(child, 'message'))[0]);
  return { name, child, target, sent: 0, measured: [] };
}

function load(server: Server, forSeconds: number, most?: number): ReturnType<typeof postMany> {
  const paced = most === undefined ? {} : { most };
  const body = () => bodyOf(server.sent++);
  return postMany(server.target, { body, connections, seconds: forSeconds, ...paced });
}

/**
 * @param most requests/s; as many as it takes when not given
 * @returns requests/s, and the server's CPU time per request in microseconds
 */
async function benchServer(server: Server, most?: number): Promise<{ rate: number; cpu: number }> {
  const cpuTime = async (): Promise<number> => {
    server.child.send('cpu');
    return (await once(server.child, 'message'))[0];
  };
  const before = await cpuTime();
  const others = await otherCore();
  const { requests, p50, p99 } = await load(server, seconds, most);
  const cpu = ((await cpuTime()) - before) / requests;
  const [loading, storing] = (await otherCore()).map((all, i) => (all - others[i]!) / requests);
  const rate = requests / seconds;
  const full = (each: number) => `${Math.round((each * rate) / 10_000)}%`;
  const own = `CPU each ${cpu.toFixed(1)} µs, ${full(cpu)} of its core`;
  const other = `load ${loading!.toFixed(1)} + store ${storing!.toFixed(1)} µs, ${full(loading! + storing!)}`;
  const line = `${perSecond(rate)}, p50 ${ms(p50)}, p99 ${ms(p99)}, ${own}; the other: ${other}`;
  console.log(`${server.name.padEnd(8)} over HTTP: ${line}`);
  return { rate, cpu };
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

/** Of objects and of buffers. */
function memoryUsed(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function perSecond(rate: number): string {
  return `${Math.round(rate).toLocaleString('en')}/s`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
