import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unknownHost } from '@sluice/engine';
import { ManualClock } from '@sluice/protocol';
import { pino } from 'pino';
import { FakeHost } from './fake-host.test-kit.ts';
import { HostWatch } from './host-watch.ts';

const logger = pino({ level: 'silent' });

test('looks when asked, every 30 s at the most, and never by itself', async () => {
  const clock = new ManualClock();
  const probe = new FakeHost();
  const watch = new HostWatch({ probe, dir: '/', clock, logger });
  clock.advance(3_600_000);
  assert.deepEqual([probe.reads, clock.pending, watch.last], [0, 0, undefined]);
  await Promise.all([watch.facts(), watch.facts()]);
  assert.equal(probe.reads, 1, 'one look for all who ask');
  clock.advance(29_999);
  await watch.facts();
  assert.equal(probe.reads, 1);
  probe.set({ ramBytes: 1 });
  clock.advance(1);
  assert.equal((await watch.facts()).ramBytes, 1);
  assert.equal(watch.last?.ramBytes, 1);
  assert.deepEqual([probe.reads, clock.pending], [2, 0]);
});

test('a probe that fails makes everything unknown, for 30 s', async () => {
  const clock = new ManualClock();
  let reads = 0;
  const read = () => Promise.reject(new Error(`no ${++reads}`));
  const probe = { read, cpuTimes: () => ({ idle: 0, total: 0 }) };
  const watch = new HostWatch({ probe, dir: '/', clock, logger });
  assert.deepEqual(await watch.facts(), unknownHost);
  assert.deepEqual(await watch.facts(), unknownHost);
  assert.equal(reads, 1);
});

test('tells how idle the processors are from now on', () => {
  const probe = new FakeHost();
  const watch = new HostWatch({ probe, dir: '/', clock: new ManualClock(), logger });
  Object.assign(probe.cpu, { idle: 1_000, total: 2_000 });
  const idleShare = watch.idleShare();
  assert.equal(idleShare(), 1);
  Object.assign(probe.cpu, { idle: 1_050, total: 2_200 });
  assert.equal(idleShare(), 0.25);
});
