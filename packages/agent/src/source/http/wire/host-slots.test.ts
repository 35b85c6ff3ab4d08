import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { CollectingSink } from '../../testing/collecting-sink.ts';
import { fetchText, httpSource, infinity, never } from '../../testing/fetching.ts';
import { serveObject } from '../../testing/object-server.ts';
import { HostSlots } from './host-slots.ts';

const content = Buffer.alloc(5_000_000, 'x');

test('several sources together open no more connections to one host than there may be', async () => {
  for (const generalOnly of [false, true]) {
    await using server = await serveObject(content);
    const slots = new HostSlots(2);
    let open = 0;
    let most = 0;
    const seen = new Set<object>();
    const watch = () => {
      for (const { socket } of server.requests) {
        if (seen.has(socket)) continue;
        seen.add(socket);
        most = Math.max(most, ++open);
        socket.once('close', () => open--);
      }
    };
    const sources = Array.from({ length: 6 }, () =>
      httpSource(server.origin, { slots, generalOnly }),
    );
    const texts = sources.map(async (source) => {
      const sink = new CollectingSink();
      sink.onFilled = watch;
      await source.fetch({ start: 0, end: infinity }, sink, never);
      return sink.length;
    });
    assert.deepEqual(await Promise.all(texts), Array(6).fill(content.length));
    assert.ok(seen.size >= 6, 'connections that are only kept go to others');
    assert.ok(most <= 2, `${most} at once`);
    await Promise.all(sources.map((source) => source.close()));
  }
});

test('hands slots on in the order they were asked for, also past those who give up', async () => {
  const slots = new HostSlots(1);
  assert.ok(slots.take('h'));
  assert.ok(!slots.take('h'));
  assert.ok(slots.take('other'));
  const order: string[] = [];
  const leaving = new AbortController();
  const left = slots.wait('h', leaving.signal).catch((error: unknown) => error);
  const first = slots.wait('h', never).then(() => order.push('first'));
  const second = slots.wait('h', never).then(() => order.push('second'));
  leaving.abort();
  assert.ok(isSluiceError(await left, 'Cancelled'));
  slots.release('h');
  await first;
  assert.deepEqual(order, ['first']);
  slots.release('h');
  await second;
  slots.release('h');
  assert.ok(slots.take('h'));
});

test('closes what is only kept when somebody waits', async () => {
  await using server = await serveObject(content);
  const slots = new HostSlots(1);
  await using a = httpSource(server.origin, { slots });
  await using b = httpSource(server.origin, { slots });
  assert.equal((await fetchText(a, 0, 100)).length, 100);
  assert.equal((await fetchText(b, 0, 100)).length, 100);
  assert.equal((await fetchText(a, 0, 100)).length, 100);
});

test('a closed source gives up waiting, and takes nothing with it', async () => {
  await using server = await serveObject(content);
  const slots = new HostSlots(1);
  await using a = httpSource(server.origin, { slots });
  const b = httpSource(server.origin, { slots });
  const sink = new CollectingSink(1000);
  const held = a.fetch({ start: 0, end: infinity }, sink, never);
  await sink.starved;
  const waiting = assert.rejects(b.open(never), (e) => isSluiceError(e, 'SourceClosed'));
  await b.close();
  await waiting;
  sink.allow(infinity);
  await held;
});
