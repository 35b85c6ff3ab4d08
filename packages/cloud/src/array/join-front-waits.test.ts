import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { startCloud } from '../cloud.test-support.ts';
import {
  Caller,
  health,
  joinText,
  muchText,
  request,
  SlowRegistry,
} from './caller.test-support.ts';

test('what comes while a join waits for its store is answered behind it', async (t) => {
  const registry = new SlowRegistry();
  const caller = new Caller(t, (await startCloud(t, { registry })).cloud.url);
  await registry.askedBy(caller);
  caller.socket.write(joinText());
  caller.socket.write(request('GET', '/nothing'));
  const asked = registry.asked();
  registry.answer();
  await asked;
  registry.answer();
  const answers = await caller.answers(3);
  assert.deepEqual(
    answers.map(({ body }) => body.includes('Peers')),
    [true, true, false],
  );
});

test('who does not read its answers is asked no more of', async (t) => {
  const registry = new SlowRegistry();
  const { cloud, ask } = await startCloud(t, { registry });
  const caller = new Caller(t, cloud.url);
  caller.socket.pause();
  await registry.askedBy(caller);
  registry.answer(muchText);
  const asked = registry.asked();
  caller.socket.write(joinText());
  await ask('/health');
  assert.equal(registry.waiting.length, 0);
  caller.socket.resume();
  await asked;
  registry.answer();
});

test('what waits behind a join is answered too when its sender ends its side', async (t) => {
  const registry = new SlowRegistry();
  const { cloud, ask } = await startCloud(t, { registry });
  const caller = new Caller(t, cloud.url);
  await registry.askedBy(caller);
  caller.socket.end(joinText());
  const answers = text(caller.socket);
  const asked = registry.asked();
  // Until the end was seen.
  await ask('/health');
  registry.answer();
  await asked;
  registry.answer();
  assert.equal((await answers).match(/HTTP\/1\.1 200/g)?.length, 2);
});

test('behind a join after which its connection ends nothing is asked', async (t) => {
  const registry = new SlowRegistry();
  const { cloud, ask } = await startCloud(t, { registry });
  const caller = new Caller(t, cloud.url);
  caller.socket.pause();
  await registry.askedBy(caller, joinText().replace('Host: h', 'Host: h\r\nConnection: close'));
  registry.answer(muchText);
  caller.socket.write(joinText());
  await ask('/health');
  assert.equal(registry.waiting.length, 0);
  caller.socket.destroy();
});

test('a cloud that closes sends answers to the end', async (t) => {
  const registry = new SlowRegistry();
  const { cloud, ask } = await startCloud(t, { registry });
  const [fresh, used] = [new Caller(t, cloud.url), new Caller(t, cloud.url)];
  await used.ask(health);
  for (const caller of [fresh, used]) {
    caller.socket.pause();
    await registry.askedBy(caller);
    registry.answer(muchText);
  }
  await ask('/health');
  const closed = cloud.close();
  await new Promise(setImmediate);
  for (const { socket } of [fresh, used]) assert.ok((await text(socket)).length > 16e6);
  await closed;
});

test('a cloud that closes waits for a store no longer than for others', async (t) => {
  const registry = new SlowRegistry();
  const { cloud, clock } = await startCloud(t, { registry });
  const caller = new Caller(t, cloud.url);
  await registry.askedBy(caller);
  const closed = cloud.close();
  clock.advance(5_000);
  await Promise.all([closed, once(caller.socket, 'close')]);
});

test('a cloud that closes answers who waits, and ends connections on which nothing is asked', async (t) => {
  const registry = new SlowRegistry();
  const { cloud } = await startCloud(t, { registry });
  const callers = ['fresh', 'used', 'idle'].map(() => new Caller(t, cloud.url));
  const [fresh, used] = callers as [Caller, Caller, Caller];
  await Promise.all(callers.map(({ socket }) => once(socket, 'connect')));
  await used.ask(health);
  for (const caller of [fresh, used]) {
    await registry.askedBy(caller);
  }
  const ended = Promise.all(callers.map((one) => once(one.socket, 'close')));
  const closed = cloud.close();
  registry.answer();
  registry.answer();
  for (const caller of [fresh, used]) {
    assert.equal((await caller.answers(1))[0]?.status, '200');
  }
  await Promise.all([closed, ended]);
});
