/**
 * One device among slow, broken and lying peers that have everything, and a slow cache: it must not take
 * more than 5 % and 0.3 s longer than HTTP alone, beside the start grace. In the background as in the
 * foreground: there is nobody whose line it could spare by waiting.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { type Fleet, type FleetOptions, mbit } from './fleet.test-kit.ts';
import { copies, eachSeed, runToEnd } from './measures.test-kit.ts';

/** When the device starts, and when it may use HTTP; a request's round trip. Ms. */
const startMs = 20;
const graceMs = 80;

const slowPeers =
  (count: number, rate = 1) =>
  (fleet: Fleet) => {
    const has = PieceMap.full(fleet.size / fleet.wires.pieceSize);
    for (let k = 0; k < count; k++) fleet.add(0, { has, up: mbit(rate) });
  };
const nothing = () => {};

const cases: Record<string, [(fleet: Fleet) => void, Partial<FleetOptions>?]> = {
  'one slow peer': [slowPeers(1)],
  'five slow peers': [slowPeers(5)],
  'two peers of 5 Mbit/s': [slowPeers(2, 5)],
  'a peer that sends rubbish': [(fleet) => fleet.villain('corrupts')],
  'a peer that sends nothing': [(fleet) => fleet.villain('stalls')],
  'a peer that never unchokes': [(fleet) => fleet.villain('chokes')],
  'a cache of 1 Mbit/s': [nothing, { cache: mbit(1) }],
  'a cache of 20 Mbit/s': [nothing, { cache: mbit(20) }],
  'a cache that never answers': [nothing, { cache: mbit(100), cacheLatencyMs: 1e9 }],
  'all of it': [
    (fleet) => {
      slowPeers(2)(fleet);
      for (const v of ['corrupts', 'stalls', 'chokes'] as const) fleet.villain(v);
    },
    { cache: mbit(1) },
  ],
};

for (const [name, [surround, options]] of Object.entries(cases)) {
  for (const foreground of [true, false]) {
    for (const pieceCount of [32, 64]) {
      test(`${name}, ${pieceCount} pieces, ${foreground ? 'fore' : 'back'}ground`, () => {
        eachSeed({ pieceCount, http: mbit(50), ...options, device: { foreground } }, (fleet) => {
          surround(fleet);
          const device = fleet.add(startMs);
          runToEnd(fleet);
          const ms = device.finishedAt - startMs - graceMs;
          const direct = (1000 * fleet.size) / mbit(50);
          assert.ok(ms <= 1.05 * direct + 300, `${ms} ms, ${direct} by HTTP alone`);
          assert.ok(copies(fleet) <= 1.05, `${copies(fleet)} copies`);
        });
      });
    }
  }
}

test('a device that was in a fleet stays patient when the others are through', () => {
  // Ten devices on a busy site: the last of them is alone with those who are complete.
  const device = { up: mbit(30), down: mbit(30) };
  eachSeed({ pieceCount: 64, http: mbit(20), device }, (fleet) => {
    fleet.addMany(9);
    fleet.add(0, { down: mbit(15) });
    runToEnd(fleet);
    assert.ok(copies(fleet) <= 1.02, `${copies(fleet)} copies`);
  });
});

test('complete peers that are quick leave nothing to HTTP', () => {
  for (const foreground of [true, false]) {
    eachSeed({ pieceCount: 64, http: mbit(50), device: { foreground } }, (fleet) => {
      for (let k = 0; k < 2; k++) fleet.add(0, { has: PieceMap.full(64), up: mbit(200) });
      fleet.add(startMs);
      runToEnd(fleet);
      assert.equal(copies(fleet), 0);
    });
  }
});
