/**
 * Whole fleets on a virtual clock, each device with the real scheduler: everybody finishes, how many
 * copies leave the source, what comes twice, how close the time is to the bound.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { Fleet, type FleetOptions, mbit } from './fleet.test-kit.ts';

const seeds = [1, 2, 3];

function run(fleet: Fleet): void {
  assert.ok(fleet.run(), 'somebody never finished');
}

/** Copies of the content that left the source. */
function copies(fleet: Fleet): number {
  return fleet.http.served / fleet.size;
}

/** Bytes that came for nothing, as a part of all that was delivered. */
function waste(fleet: Fleet): number {
  const finished = fleet.devices.filter((d) => d.have.complete);
  const payload = finished.reduce((sum, d) => sum + d.payload - d.bad, 0);
  return payload / (finished.length * fleet.size) - 1;
}

function finishedAt(fleet: Fleet): number {
  return Math.max(...fleet.devices.filter((d) => !d.dead).map((d) => d.finishedAt));
}

/** When the thin link alone would be done with one copy, ms. */
function boundMs(fleet: Fleet, http: number): number {
  return (1000 * fleet.size) / http;
}

function eachSeed(options: Omit<FleetOptions, 'seed'>, check: (fleet: Fleet) => void): void {
  for (const seed of seeds) check(new Fleet({ ...options, seed }));
}

const thin = mbit(50);

for (const [name, count, everyMs] of [
  ['4 devices together', 4, 0],
  ['4 devices, one a second', 4, 1_000],
  ['12 devices together', 12, 0],
  ['12 devices, one every 300 ms', 12, 300],
] as const) {
  test(`${name}: one copy, little waste, near the bound`, () => {
    eachSeed({ pieceCount: 64, http: thin }, (fleet) => {
      fleet.addMany(count, everyMs);
      run(fleet);
      assert.ok(copies(fleet) <= 1.02, `${copies(fleet)} copies`);
      assert.ok(waste(fleet) <= 0.01, `${waste(fleet)} wasted`);
      const bound = Math.max(boundMs(fleet, thin), count * everyMs);
      assert.ok(finishedAt(fleet) <= 1.35 * bound + 2_000, `${finishedAt(fleet) / bound} × bound`);
    });
  });
}

test('1,000 pieces over a thin link: one copy near the bound', () => {
  eachSeed({ pieceCount: 1_000, http: mbit(200) }, (fleet) => {
    fleet.addMany(6);
    run(fleet);
    assert.ok(copies(fleet) <= 1.02, `${copies(fleet)} copies`);
    const ratio = finishedAt(fleet) / boundMs(fleet, mbit(200));
    assert.ok(ratio <= 1.15, `${ratio} × bound`);
  });
});

test('a late joiner gets everything from those who are complete', () => {
  eachSeed({ pieceCount: 64, http: thin }, (fleet) => {
    for (let k = 0; k < 3; k++) fleet.add(0, { has: PieceMap.full(64) });
    fleet.add(100);
    run(fleet);
    assert.equal(fleet.http.served, 0);
  });
});

test('a device that dies half-way costs no more than what only it had', () => {
  eachSeed({ pieceCount: 64, http: thin }, (fleet) => {
    const [victim] = fleet.addMany(4);
    fleet.at(boundMs(fleet, thin) / 2, () => victim!.die(500));
    run(fleet);
    assert.ok(copies(fleet) <= 1.2, `${copies(fleet)} copies`);
  });
});

for (const villainy of ['corrupts', 'chokes', 'stalls', 'claims'] as const) {
  test(`with a peer that ${villainy}, the others finish`, () => {
    eachSeed({ pieceCount: 64, http: thin }, (fleet) => {
      fleet.villain(villainy, villainy === 'claims' ? mbit(1) : 0);
      fleet.addMany(3);
      run(fleet);
      if (villainy === 'corrupts') for (const d of fleet.devices) assert.equal(d.banned, 1);
      const alone = boundMs(fleet, thin) * 3;
      assert.ok(finishedAt(fleet) <= alone, `${finishedAt(fleet)} ms, without sharing ${alone}`);
    });
  });
}

test('one very slow device does not hold up the others', () => {
  eachSeed({ pieceCount: 64, http: thin }, (fleet) => {
    fleet.addMany(3);
    const slow = fleet.add(0, { up: mbit(1), down: mbit(2) });
    run(fleet);
    const others = Math.max(...fleet.devices.filter((d) => d !== slow).map((d) => d.finishedAt));
    assert.ok(others <= 3 * boundMs(fleet, thin), `${others / boundMs(fleet, thin)} × bound`);
  });
});

test('cache and HTTP together: still one copy', () => {
  eachSeed({ pieceCount: 64, http: thin, cache: mbit(1000) }, (fleet) => {
    fleet.addMany(4);
    run(fleet);
    assert.ok(copies(fleet) <= 1.02, `${copies(fleet)} copies`);
  });
});

test('a source without ranges is streamed once for all', () => {
  eachSeed({ pieceCount: 32, http: thin, origin: { sequential: true } }, (fleet) => {
    fleet.addMany(3);
    run(fleet);
    assert.ok(copies(fleet) <= 1.1, `${copies(fleet)} copies`);
  });
});

test('peers slower than HTTP: never slower than a plain download by more than a margin', () => {
  eachSeed({ pieceCount: 32, http: mbit(100) }, (fleet) => {
    fleet.add(0, { has: PieceMap.full(32), up: mbit(2) });
    const device = fleet.add(100, { foreground: true });
    run(fleet);
    const alone = boundMs(fleet, mbit(100));
    assert.ok(device.finishedAt <= 1.5 * alone + 4_000, `${device.finishedAt} ms, alone ${alone}`);
  });
});
