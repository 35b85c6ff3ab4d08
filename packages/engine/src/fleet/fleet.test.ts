/**
 * Whole fleets on a virtual clock, each device with the real scheduler and choker. All is well here:
 * nobody dies, lies or is odd. One copy leaves the source, at most 1 % comes twice, and the time is
 * near the bound.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { mbit } from './fleet.test-kit.ts';
import {
  aloneMs,
  assertWithin,
  boundMs,
  copies,
  eachSeed,
  finishedAt,
  runToEnd,
  waste,
} from './measures.test-kit.ts';

// Start, greeting and the last piece's way through the site, ms.
const overheadMs = 150;

for (const [http, ratio] of [
  [2, 1.02],
  [10, 1.02],
  [100, 1.06],
] as const) {
  for (const count of [1, 4, 12]) {
    test(`${count} devices together on ${http} Mbit/s`, () => {
      eachSeed({ pieceCount: 64, http: mbit(http) }, (fleet) => {
        fleet.addMany(count);
        runToEnd(fleet);
        assertWithin(fleet, { ratio, plusMs: overheadMs });
      });
    });
  }
}

test('30 devices together', () => {
  eachSeed(
    { pieceCount: 96, http: mbit(100) },
    (fleet) => {
      fleet.addMany(30);
      runToEnd(fleet);
      assertWithin(fleet, { ratio: 1.12, plusMs: overheadMs });
    },
    [1],
  );
});

test('4 devices, one a second: the later ones hear what is under way', () => {
  eachSeed({ pieceCount: 64, http: mbit(100) }, (fleet) => {
    fleet.addMany(4, 1_000);
    runToEnd(fleet);
    assertWithin(fleet, { ratio: 1.1, plusMs: overheadMs });
  });
});

test('12 devices, one every 300 ms', () => {
  eachSeed({ pieceCount: 64, http: mbit(100) }, (fleet) => {
    fleet.addMany(12, 300);
    runToEnd(fleet);
    assertWithin(fleet, { ratio: 1.1, plusMs: overheadMs });
  });
});

for (const [count, pieceCount] of [
  [4, 64],
  [12, 64],
  [12, 3],
] as const) {
  test(`${count} devices that use HTTP for ${pieceCount} pieces before they meet: those second in line yield`, () => {
    eachSeed({ pieceCount, http: mbit(100), device: { graceMs: 0 } }, (fleet) => {
      fleet.addMany(count);
      runToEnd(fleet);
      // What had come of the pieces when they met.
      const begun = 0.05 * (64 / pieceCount);
      assertWithin(fleet, { copies: 1 + begun, waste: begun, ratio: 1.1, plusMs: 2 * overheadMs });
    });
  });
}

test('1,000 pieces on a thin link', () => {
  eachSeed(
    { pieceCount: 1_000, http: mbit(10) },
    (fleet) => {
      fleet.addMany(4);
      runToEnd(fleet);
      assertWithin(fleet, { copies: 1.005, ratio: 1.005, plusMs: overheadMs });
    },
    [1, 2],
  );
});

test('a source as fast as the devices: store and forward costs, HTTP alone costs more', () => {
  for (const [count, ratio] of [
    [4, 1.7],
    [12, 2.5],
  ] as const) {
    eachSeed({ pieceCount: 64, http: mbit(1_000) }, (fleet) => {
      fleet.addMany(count);
      runToEnd(fleet);
      assertWithin(fleet, { ratio });
      assert.ok(finishedAt(fleet.devices) < aloneMs(fleet));
    });
  }
});

test('uplinks no faster than the thin link', () => {
  const device = { up: mbit(100), down: mbit(100) };
  eachSeed({ pieceCount: 256, http: mbit(100), device }, (fleet) => {
    fleet.addMany(8);
    runToEnd(fleet);
    assertWithin(fleet, { ratio: 1.25 });
  });
});

test('four upload slots for eleven peers do', () => {
  eachSeed({ pieceCount: 64, http: mbit(100), device: { slots: 4, turnMs: 2_000 } }, (fleet) => {
    fleet.addMany(12);
    runToEnd(fleet);
    assertWithin(fleet, { ratio: 1.1, plusMs: overheadMs });
  });
});

test('a late joiner gets everything from those who are complete, at the speed of its line', () => {
  eachSeed({ pieceCount: 64, http: mbit(10) }, (fleet) => {
    for (let k = 0; k < 3; k++) fleet.add(0, { has: PieceMap.full(64) });
    const joiner = fleet.add(100);
    runToEnd(fleet);
    assert.equal(fleet.http.served, 0);
    assert.ok(waste(fleet) < 1e-9);
    const ms = joiner.finishedAt - 100;
    assert.ok(ms <= 1.05 * ((1000 * fleet.size) / joiner.down.capacity) + overheadMs, `${ms}`);
  });
});

test('cache and HTTP together: the cache does most, and still one copy crosses the thin link', () => {
  for (const [count, http] of [
    [4, 100],
    [12, 20],
  ] as const) {
    eachSeed({ pieceCount: 64, http: mbit(http), cache: mbit(1_000) }, (fleet) => {
      fleet.addMany(count);
      runToEnd(fleet);
      assertWithin(fleet, { ratio: 1.05, plusMs: overheadMs });
      const fromCache = fleet.devices.reduce((sum, d) => sum + d.bytes.cache, 0);
      assert.ok(fromCache > 0.5 * fleet.size, `${fromCache / fleet.size} from the cache`);
    });
  }
});

test('a source without ranges is streamed once for all, however slow', () => {
  for (const http of [5, 100]) {
    eachSeed({ pieceCount: 64, http: mbit(http), origin: { sequential: true } }, (fleet) => {
      fleet.addMany(4);
      runToEnd(fleet);
      assert.equal(fleet.http.requests, 1);
      assertWithin(fleet, { ratio: 1.02, plusMs: overheadMs });
    });
  }
});

test('a source that is slow per connection: the devices together open enough', () => {
  const origin = { perConnection: 1e6 };
  eachSeed({ pieceCount: 64, http: mbit(1_000), origin }, (fleet) => {
    fleet.addMany(4);
    runToEnd(fleet);
    assert.ok(copies(fleet) <= 1.02);
    // Sixteen connections would take 4.2 s, four 16.8.
    assert.ok(finishedAt(fleet.devices) <= 7_000, `${finishedAt(fleet.devices)}`);
  });
});

test('peers of other sites help as far as they can, and HTTP gives the rest', () => {
  const device = { up: mbit(20), down: mbit(100), sameSite: false };
  eachSeed(
    { pieceCount: 256, http: mbit(100), device },
    (fleet) => {
      fleet.addMany(12);
      runToEnd(fleet);
      assertWithin(fleet, { copies: 4, ratio: 1.15 });
      assert.ok(boundMs(fleet) > (1000 * fleet.size) / mbit(100), 'their uplinks are the limit');
    },
    [1, 2],
  );
});
