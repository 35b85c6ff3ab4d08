import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { Egress } from './egress.ts';

/** An answer of so many bytes; tells when it was done, and how far it is. */
function answer(egress: Egress, clock: ManualClock, bytes: number) {
  const state = { sent: 0, doneAt: Number.NaN, gone: false };
  const run = async () => {
    while (state.sent < bytes) {
      const length = Math.min(egress.turn, bytes - state.sent);
      await egress.take(length, state.sent === 0, () => state.gone);
      if (state.gone) return;
      state.sent += length;
    }
    state.doneAt = clock.now();
  };
  void run();
  return state;
}

/** Lets so many ms go by, with all that happens meanwhile. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let i = 0; i < ms; i++) {
    clock.advance(1);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}

test('sends at the rate, whoever asks, and no more than a moment at once', async () => {
  const clock = new ManualClock();
  const egress = new Egress(clock, 80);
  const answers = Array.from({ length: 7 }, () => answer(egress, clock, 100e6));
  await pass(clock, 2000);
  const sent = answers.reduce((sum, a) => sum + a.sent, 0);
  // 10 MB/s for two seconds, and the burst of a twentieth of one.
  assert.ok(sent > 20e6 && sent < 20.7e6, `${sent}`);
});

test('gives each answer the same, also one that comes later', async () => {
  const clock = new ManualClock();
  const egress = new Egress(clock, 80);
  const early = Array.from({ length: 3 }, () => answer(egress, clock, 100e6));
  await pass(clock, 500);
  const before = early.map((a) => a.sent);
  const late = answer(egress, clock, 100e6);
  await pass(clock, 1000);
  const grown = [...early.map((a, i) => a.sent - before[i]!), late.sent];
  for (const bytes of grown) assert.ok(Math.abs(bytes - 2.5e6) < 0.1e6, `${grown}`);
});

test('an answer that begins does not wait for five hundred large ones', async () => {
  const clock = new ManualClock();
  const egress = new Egress(clock, 80);
  for (let i = 0; i < 500; i++) answer(egress, clock, 100e6);
  await pass(clock, 6000);
  const small = answer(egress, clock, 20_000);
  const began = clock.now();
  await pass(clock, 100);
  assert.ok(small.doneAt - began <= 20, `${small.doneAt - began} ms`);
});

test('large answers go on while small ones keep coming', async () => {
  const clock = new ManualClock();
  const egress = new Egress(clock, 80);
  const large = answer(egress, clock, 100e6);
  for (let ms = 0; ms < 1000; ms++) {
    for (let i = 0; i < 2; i++) answer(egress, clock, 20_000);
    await pass(clock, 1);
  }
  assert.ok(large.sent > 4e6, `${large.sent}`);
});

test('who is gone takes nothing, and what was not sent comes back', async () => {
  const clock = new ManualClock();
  const egress = new Egress(clock, 80);
  const gone = Array.from({ length: 50 }, () => answer(egress, clock, 100e6));
  await pass(clock, 10);
  for (const each of gone) each.gone = true;
  const before = clock.now();
  const left = answer(egress, clock, 1e6);
  await pass(clock, 300);
  assert.ok(left.doneAt - before <= 115, `${left.doneAt - before} ms`);
  await egress.take(50_000, false, () => false);
  egress.giveBack(50_000);
  const next = answer(egress, clock, 500_000);
  await pass(clock, 10);
  assert.equal(next.sent, 500_000, 'the burst is whole again');
});
