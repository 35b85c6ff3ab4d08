/** A cache node that takes requests and never answers must not cost a download more than a moment. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mbit } from './fleet.test-kit.ts';
import { boundMs, eachSeed, finishedAt, runToEnd } from './measures.test-kit.ts';

for (const [foreground, ms] of [
  [true, 500],
  [false, 500],
] as const) {
  for (const pieceCount of [1, 6, 64]) {
    test(`${pieceCount} pieces, ${foreground ? 'fore' : 'back'}ground: at most ${ms} ms`, () => {
      const options = { pieceCount, http: mbit(100), cache: mbit(100), cacheLatencyMs: 1e9 };
      eachSeed({ ...options, device: { foreground } }, (fleet) => {
        fleet.addMany(1);
        runToEnd(fleet);
        const late = finishedAt(fleet.devices) - boundMs(fleet);
        assert.ok(late <= ms, `${late} ms more than HTTP alone`);
      });
    });
  }
}

test('one that answers late, but does, is used all the same', () => {
  const options = { pieceCount: 64, http: mbit(20), cache: mbit(400), cacheLatencyMs: 800 };
  eachSeed(options, (fleet) => {
    fleet.addMany(1);
    runToEnd(fleet);
    assert.ok(fleet.devices[0]!.bytes.cache > 0);
  });
});
