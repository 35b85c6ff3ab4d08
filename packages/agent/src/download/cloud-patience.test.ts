import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloudPatienceMs, patienceAfter } from './cloud-patience.ts';

test('where the source answers soon, the cloud gets little time', () => {
  assert.equal(cloudPatienceMs(20), 150);
  assert.equal(cloudPatienceMs(80), 320);
});

test('where the source is far or silent, or the machine busy, it gets half a second and no more', () => {
  assert.equal(cloudPatienceMs(undefined), 500);
  assert.equal(cloudPatienceMs(400), 500);
});

test('a cloud that is slower by habit than the source is given its time', () => {
  assert.equal(cloudPatienceMs(20, 100), 400);
  assert.equal(cloudPatienceMs(20, 1_000), 500);
});

test('for one that always comes too late nobody waits', () => {
  assert.equal(cloudPatienceMs(20, 2_000), 20);
  assert.equal(patienceAfter(cloudPatienceMs(90, 2_000), 90, 0.5), 90, 'nor is it late by then');
  assert.equal(cloudPatienceMs(undefined, 1_500), 150);
});

test('a machine that is late with its own timers is more patient', () => {
  assert.equal(patienceAfter(150, 151, 0.5), 150);
  assert.equal(patienceAfter(150, 190, 0.5), 500);
});

test('where no processor is idle the cloud is late with everything else, and gets two seconds', () => {
  assert.equal(patienceAfter(150, 151, 0.01), 301);
  assert.equal(patienceAfter(301, 340, 0.01), 490);
  assert.equal(patienceAfter(1_990, 1_990, 0.01), 2_000);
  assert.ok(patienceAfter(2_000, 2_000, 0.01) <= 2_000);
  assert.ok(patienceAfter(2_000, 2_050, 0.01) <= 2_050);
});
