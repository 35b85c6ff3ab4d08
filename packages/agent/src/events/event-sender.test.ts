import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type EventBatch, ManualClock } from '@sluice/protocol';
import { pino } from 'pino';
import { JsonClient, type JsonReply } from '../services/json-client.ts';
import { EventSender } from './event-sender.ts';
import { EventSpool } from './spool.ts';

const hour = 3_600_000;
const accepted = { status: 202, json: { Accepted: 1, Duplicates: 0 } };
const refused = { status: 400, json: {} };

type Answer = (batch: EventBatch, signal: AbortSignal) => Promise<JsonReply | undefined>;

async function setUp(t: TestContext, answer: Answer) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-sender-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const clock = new ManualClock();
  const logger = pino({ level: 'silent' });
  const now = () => 1_800_000_000_000 + clock.now();
  const spool = new EventSpool({ folder: join(folder, 'events'), isOwner: true, now, logger });
  const batches: EventBatch[] = [];
  let told = Promise.withResolvers<void>();
  const sender = new EventSender({
    spool,
    send: async (batch, signal) => {
      batches.push(batch);
      told.resolve();
      told = Promise.withResolvers();
      return await answer(batch, signal);
    },
    deviceId: 'a'.repeat(40),
    random: () => 0.5,
    ...{ clock, now, logger },
  });
  t.after(() => sender.close());
  return { clock, spool, sender, batches, asked: () => told.promise };
}

const line = (id: string, pad = 0) =>
  JSON.stringify({ EventId: id, Name: 'JobError', Pad: 'x'.repeat(pad) });
const idsOf = (batch: EventBatch | undefined) => batch?.Events.map(({ EventId }) => EventId);

test('events wait a little, go together, and are gone when the cloud has them', async (t) => {
  const w = await setUp(t, async () => accepted);
  await w.spool.add([line('1')]);
  w.sender.wake();
  await w.spool.add([line('2')]);
  w.sender.wake();
  w.clock.advance(29_999);
  assert.equal(w.batches.length, 0);
  w.clock.advance(1);
  await w.sender.settled();
  assert.deepEqual(w.batches.map(idsOf), [['1', '2']]);
  assert.equal(w.batches[0]?.DeviceId, 'a'.repeat(40));
  assert.equal(await w.spool.next(new Set()), undefined);
  const { Sent, LastError } = await w.spool.state();
  assert.deepEqual([Sent, LastError, w.clock.pending], [2, null, 0]);
});

test('trouble is waited out with doubling waits, and the same ids come again', async (t) => {
  const answers: (JsonReply | Error)[] = [
    new Error('no way there'),
    { status: 503, json: {}, retryAfterMs: 100_000 },
    { status: 302, json: {} },
    { status: 200, json: {} },
    { status: 202, json: { Accepted: 'many' } },
    { status: 401, json: {} },
    accepted,
  ];
  const w = await setUp(t, async () => {
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next;
  });
  await w.spool.add([line('1')]);
  w.sender.wake();
  for (const waitMs of [30_000, 15_000, 130_000, 60_000, 120_000, 240_000, 480_000]) {
    w.clock.advance(waitMs - 1);
    const before = w.batches.length;
    w.clock.advance(1);
    await w.sender.settled();
    assert.equal(w.batches.length, before + 1, `${waitMs}`);
  }
  assert.deepEqual(
    w.batches.map((b) => idsOf(b)),
    Array(7).fill(['1']),
  );
  assert.equal(new Set(w.batches.map(({ BatchId }) => BatchId)).size, 7);
  const { Sent, Dropped } = await w.spool.state();
  assert.deepEqual([Sent, Dropped], [1, 0]);
});

test('an event that the cloud does not take is found, dropped and counted; the others arrive', async (t) => {
  const taken: string[] = [];
  const w = await setUp(t, async (batch) => {
    const ids = idsOf(batch)!;
    if (ids.includes('bad')) return refused;
    taken.push(...ids);
    return accepted;
  });
  const ids = Array.from({ length: 60 }, (_, i) => (i === 17 ? 'bad' : String(i)));
  await w.spool.add(ids.map((id) => line(id)));
  await w.sender.flush(hour);
  assert.deepEqual(
    taken,
    ids.filter((id) => id !== 'bad'),
  );
  const { Sent, Dropped } = await w.spool.state();
  assert.deepEqual([Sent, Dropped], [59, 1]);
});

test('a cloud that takes nothing is not asked for each; one that wants none gets none', async (t) => {
  let answer: JsonReply | undefined = refused;
  const w = await setUp(t, async () => answer);
  await w.spool.add(Array.from({ length: 90 }, (_, i) => line(String(i))));
  await w.sender.flush(hour);
  assert.ok(w.batches.length < 60, `${w.batches.length}`);
  assert.equal((await w.spool.state()).Dropped, 90);
  answer = undefined;
  await w.spool.add([line('later')]);
  await w.sender.flush(hour);
  assert.equal(await w.spool.next(new Set()), undefined);
  assert.equal((await w.spool.state()).Dropped, 90);
});

test('a batch has at most 500 events and a MiB', async (t) => {
  const w = await setUp(t, async () => accepted);
  await w.spool.add(Array.from({ length: 1_100 }, (_, i) => line(String(i))));
  await w.spool.add(Array.from({ length: 40 }, (_, i) => line(`large ${i}`, 50_000)));
  await w.sender.flush(hour);
  assert.equal(
    w.batches.reduce((n, b) => n + b.Events.length, 0),
    1_140,
  );
  for (const batch of w.batches) {
    assert.ok(batch.Events.length <= 500);
    assert.ok(JSON.stringify(batch).length <= 1 << 20);
  }
  assert.ok(w.batches.length <= 7, `${w.batches.length}`);
});

test('who ends waits no longer than it may, and what was not sent stays', async (t) => {
  const w = await setUp(t, (_, signal) => {
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => reject(signal.reason));
    return promise;
  });
  await w.spool.add([line('1')]);
  const asked = w.asked();
  const flushed = w.sender.flush(800);
  await asked;
  w.clock.advance(800);
  await flushed;
  await w.sender.close();
  assert.deepEqual((await w.spool.next(new Set()))?.lines, [line('1')]);
  assert.equal(w.clock.pending, 0);
});

test('over the wire: gzip, no redirect is followed, and no answer is too large or too slow', async (t) => {
  let respond: (response: ServerResponse) => void = () => {};
  const seen: string[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = gunzipSync(Buffer.concat(chunks)).toString();
    seen.push(`${request.method} ${request.url} ${idsOf(JSON.parse(text))}`);
    respond(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new JsonClient();
  t.after(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
  const w = await setUp(t, (body, signal) =>
    client.ask('events', url, { signal, body, gzip: true }),
  );
  await w.spool.add([line('1')]);
  const tryOnce = async (how: typeof respond) => {
    respond = how;
    await w.sender.flush(hour);
    return (await w.spool.state()).LastError;
  };
  const moved = await tryOnce((r) => r.writeHead(307, { location: '/other' }).end('{}'));
  assert.match(moved ?? '', /307/);
  const huge = await tryOnce((r) => r.writeHead(202).end(Buffer.alloc(2 << 20, ' ')));
  assert.match(huge ?? '', /too large/);
  const html = await tryOnce((r) => r.writeHead(400).end('<html>log in</html>'));
  assert.match(html ?? '', /HTML/);
  // Begins to answer, and never ends.
  const slow = await tryOnce((r) => {
    r.writeHead(202).write('{');
    w.clock.advance(30_000);
  });
  assert.match(slow ?? '', /no answer within/);
  const last = await tryOnce((r) => r.writeHead(202).end('{"Accepted":1,"Duplicates":0}'));
  assert.equal(last, null);
  assert.deepEqual(seen, Array(5).fill('POST /events 1'));
});
