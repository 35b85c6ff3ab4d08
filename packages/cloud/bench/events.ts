/**
 * Events a second into PostgreSQL that keeps what it commits on the disk: `npm run bench:events`. Clouds, the
 * database and the client share the machine. `-- --events 100000 --batch 100 --clouds 1 --connections 32`
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { DeviceEvent } from '@sluice/protocol';
import pg from 'pg';
import { batchOf, completed, started } from '../src/events/event-fleet.test-support.ts';
import { noPostgres, startPostgres } from '../src/testing/index.ts';
import { cpuOfPostgres } from './cpu-of-postgres.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    batch: { type: 'string', default: '100' },
    clouds: { type: 'string', default: '1' },
    connections: { type: 'string', default: '32' },
  },
});
const batchSize = Number(values.batch);
/** What a download brought. */
const brought = {
  ...{ BytesFromCDN: 20, BytesFromPeers: 50, BytesFromCacheServer: 30, TotalTimeMs: 10_000 },
  PeersNotUsed: [{ Rule: 'PeerBanned', PeerClass: null, Count: 1 }],
};
const batchCount = Math.ceil(Number(values.events) / batchSize);

if (noPostgres) throw new Error(noPostgres);
await using resources = new AsyncDisposableStack();
const server = await startPostgres(true);
resources.defer(() => server.stop());
const url = await server.emptyDatabase();
const bodies = Array.from({ length: batchCount }, (_, n) => bodyOf(n));
const clouds: { child: ChildProcess; url: URL }[] = [];
for (let n = 0; n < Number(values.clouds); n++) clouds.push(await startCloud());

const agent = new Agent({ keepAlive: true });
// Makes the partition, and warms up.
for (const cloud of clouds) for (let n = 0; n < 20; n++) await post(cloud.url, bodyOf(n));
const before = await counts();
const start = performance.now();
let next = 0;
const connections = Array.from({ length: Number(values.connections) }, async (_, i) => {
  const target = clouds[i % clouds.length]!.url;
  for (let body = bodies[next++]; body; body = bodies[next++]) await post(target, body);
});
await Promise.all(connections);
const seconds = (performance.now() - start) / 1000;
const after = await counts();
agent.destroy();

const events = after.events - before.events;
const sent = batchCount * batchSize;
console.log(
  `${sent} events in batches of ${batchSize}, gzip, ${clouds.length} cloud(s), ${values.connections} connections`,
);
console.log(`  ${Math.round(sent / seconds)} events/s`);
// On a busy machine the CPU time says more than the rate.
const perEvent = (what: 'cpu' | 'database') => ((after[what] - before[what]) / sent).toFixed(0);
console.log(`  CPU an event: cloud(s) ${perEvent('cpu')} us, database ${perEvent('database')} us`);
if (events !== sent || after.sum - before.sum !== sent / 2) {
  throw new Error(`${sent} sent, ${events} kept, ${after.sum - before.sum} downloads counted`);
}
console.log('  every event kept once, every download counted once');
for (const { child } of clouds) child.send('end');

/** Starts and ends of downloads, of a device of its own for each batch, twenty contents among all. */
function bodyOf(n: number): Buffer {
  const content = `DO-content-${n % 20}`;
  const events = Array.from({ length: batchSize }, (_, i): DeviceEvent => {
    const event = i % 2 ? completed(Date.now(), content, brought) : started(Date.now(), content);
    return { ...event, EventId: randomUUID() };
  });
  return gzipSync(JSON.stringify(batchOf(n.toString(16).padStart(40, '0'), events)));
}

async function startCloud() {
  const args = ['cloud', '', url];
  const child = fork(new URL('./serve.ts', import.meta.url), args, { stdio: 'inherit' });
  const [told] = await once(child, 'message');
  return { child, url: new URL('/events', told) };
}

async function counts(): Promise<{ events: number; sum: number; cpu: number; database: number }> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query(
    'SELECT (SELECT count(*) FROM event)::int AS events, sum(started)::int AS sum FROM device_day',
  );
  const database = (await cpuOfPostgres(client)) ?? Number.NaN;
  await client.end();
  let cpu = 0;
  for (const { child } of clouds) {
    child.send('cpu');
    cpu += (await once(child, 'message'))[0];
  }
  return { ...rows[0], cpu, database };
}

async function post(target: URL, body: Buffer): Promise<void> {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const sent = request(target, { method: 'POST', agent, headers });
  sent.end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  if (response.statusCode !== 202) throw new Error(`${response.statusCode} ${text}`);
}
