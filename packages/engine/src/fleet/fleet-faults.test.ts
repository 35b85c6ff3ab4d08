/**
 * Fleets in trouble: somebody is slow, dies or lies, or a source fails. Everybody else gets
 * everything, not later than by plain HTTP alone but for a stated margin, and not much comes twice.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { mbit } from './fleet.test-kit.ts';
import {
  aloneMs,
  assertWithin,
  copies,
  eachSeed,
  finishedAt,
  runToEnd,
  survivors,
  waste,
} from './measures.test-kit.ts';

const overheadMs = 150;
const fleet64 = { pieceCount: 64, http: mbit(100) };

test('one very slow device: the others are near the bound, and it costs one copy of what it holds', () => {
  eachSeed(fleet64, (fleet) => {
    const quick = fleet.addMany(3);
    fleet.add(0, { up: mbit(1), down: mbit(1) });
    runToEnd(fleet);
    assert.ok(finishedAt(quick) <= 15_000, `${finishedAt(quick)}`);
    assertWithin(fleet, { copies: 1.1, ratio: 1.01 });
  });
});

test('a device that can hardly send: its share is fetched again, nobody waits for it', () => {
  eachSeed(fleet64, (fleet) => {
    fleet.addMany(3);
    fleet.add(0, { up: mbit(1) });
    runToEnd(fleet);
    // Its quarter crosses the thin link a second time.
    assertWithin(fleet, { copies: 1.4, ratio: 1.5 });
    assert.ok(finishedAt(fleet.devices) < 0.5 * aloneMs(fleet));
  });
});

for (const [how, noticeMs] of [
  ['is gone', 1],
  ['falls silent', 60_000],
] as const) {
  test(`a device that ${how} half-way costs no more than what only it had`, () => {
    eachSeed(fleet64, (fleet) => {
      const [victim] = fleet.addMany(4);
      fleet.at(2_000, () => victim!.die(noticeMs));
      runToEnd(fleet);
      // What it was fetching (4 pieces) and had not passed on; what it was sending is lost.
      assertWithin(fleet, { copies: 1.1, waste: 0.03, ratio: 1.2, plusMs: overheadMs });
    });
  });

  test(`a claimer that ${how} before it brings anything does not stop its pieces`, () => {
    eachSeed(fleet64, (fleet) => {
      const [victim] = fleet.addMany(4);
      fleet.at(150, () => victim!.die(noticeMs));
      runToEnd(fleet);
      assertWithin(fleet, { copies: 1.05, ratio: 1.1, plusMs: overheadMs });
    });
  });
}

for (const [what, rate] of [
  ['without a rate', 0],
  ['at a crawl', 1_024],
  ['at a great rate', 1e9],
] as const) {
  test(`a peer that claims everything ${what} and brings nothing costs almost nothing`, () => {
    eachSeed(fleet64, (fleet) => {
      fleet.addMany(4);
      fleet.villain('claims', rate);
      runToEnd(fleet);
      assertWithin(fleet, { ratio: 1.1, plusMs: overheadMs });
    });
  });
}

test('a peer that sends rubbish is banned by all and costs three pieces each', () => {
  eachSeed(fleet64, (fleet) => {
    fleet.addMany(4);
    fleet.villain('corrupts');
    runToEnd(fleet);
    for (const d of fleet.devices) {
      assert.equal(d.banned, 1);
      assert.equal(d.bad, 3 * fleet.wires.pieceSize);
    }
    assertWithin(fleet, { ratio: 1.1, plusMs: overheadMs });
  });
});

for (const [villainy, patience] of [
  ['chokes', 2_000],
  ['stalls', 5_000],
] as const) {
  for (const foreground of [true, false]) {
    const ms = foreground ? patience / 2 : patience;
    test(`a peer that has everything and ${villainy}: ${foreground ? 'fore' : 'back'}ground waits ${ms} ms`, () => {
      eachSeed({ ...fleet64, device: { foreground } }, (fleet) => {
        fleet.addMany(4);
        fleet.villain(villainy);
        runToEnd(fleet);
        assertWithin(fleet, { ratio: 1.1, plusMs: ms + overheadMs });
      });
    });
  }
}

test('three kinds of bad peers at once', () => {
  eachSeed(fleet64, (fleet) => {
    fleet.addMany(4);
    for (const v of ['chokes', 'corrupts', 'claims'] as const) fleet.villain(v);
    runToEnd(fleet);
    assertWithin(fleet, { copies: 1.1, waste: 0.02, ratio: 1.2, plusMs: 3_000 });
  });
});

for (const foreground of [true, false]) {
  test(`late, and those who are complete are slow: HTTP helps (${foreground ? 'fore' : 'back'}ground)`, () => {
    eachSeed(fleet64, (fleet) => {
      for (let k = 0; k < 3; k++) fleet.add(0, { has: PieceMap.full(64), up: mbit(0.5) });
      fleet.add(0, { foreground });
      runToEnd(fleet);
      // They would need six minutes. What each of them had begun is lost at most.
      const plusMs = foreground ? 1_000 : 3_000;
      assertWithin(fleet, { copies: 1.01, waste: 3 / 64, ratio: 1.2, plusMs });
    });
  });
}

test('HTTP fails half-way: those who have the rest between them bring it', () => {
  eachSeed(fleet64, (fleet) => {
    // Every piece is on two of four devices.
    for (let k = 0; k < 4; k++) {
      const has = new PieceMap(64);
      for (let p = 0; p < 64; p++) if (p % 4 === k || (p + 1) % 4 === k) has.set(p);
      fleet.add(0, { has });
    }
    fleet.at(20, () => fleet.http.fail());
    runToEnd(fleet);
    assert.ok(waste(fleet) < 1e-9);
    assert.ok(finishedAt(fleet.devices) < 1_000);
  });
});

test('HTTP fails half-way and stays away: a device that comes with everything saves the others', () => {
  eachSeed(fleet64, (fleet) => {
    const devices = fleet.addMany(4);
    fleet.at(2_500, () => fleet.http.fail());
    fleet.add(20_000, { has: PieceMap.full(64) });
    runToEnd(fleet);
    assert.ok(finishedAt(devices) < 22_000, `${finishedAt(devices)}`);
    // Parts of what was under way when it failed.
    assert.ok(waste(fleet) <= 16 / 256, `${waste(fleet)}`);
  });
});

test('the cache node fails half-way: HTTP alone goes on', () => {
  eachSeed({ ...fleet64, cache: mbit(1_000) }, (fleet) => {
    fleet.addMany(4);
    fleet.at(2_000, () => fleet.cache!.fail());
    runToEnd(fleet);
    // What was under way through it, at most four pieces a device, is fetched again.
    assertWithin(fleet, { copies: 1.25, waste: 16 / 256, ratio: 1.3, plusMs: overheadMs });
  });
});

test('the device that streams a source without ranges dies: another begins once more', () => {
  eachSeed({ ...fleet64, origin: { sequential: true } }, (fleet) => {
    const devices = fleet.addMany(4);
    fleet.at(2_500, () => devices.find((d) => d.bytes.http > 0)!.die(60_000));
    runToEnd(fleet);
    assert.equal(fleet.http.requests, 2);
    // From the start: what has come until then comes again to the one that streams.
    assert.ok(copies(fleet) <= 1.6, `${copies(fleet)}`);
    assert.ok(finishedAt(survivors(fleet)) <= 2_500 + 10_000 + 5_400);
  });
});
