/** A cache node that is slower than the line must not make a download slower than HTTP alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mbit } from './fleet.test-kit.ts';
import { boundMs, copies, eachSeed, finishedAt, runToEnd } from './measures.test-kit.ts';

for (const foreground of [true, false]) {
  for (const [pieceCount, cache] of [
    [16, 1],
    [64, 1],
    [64, 5],
  ] as const) {
    const haste = foreground ? 'foreground' : 'background';
    test(`${pieceCount} pieces, a cache of ${cache} Mbit/s beside HTTP of 50, ${haste}`, () => {
      const options = { pieceCount, http: mbit(50), cache: mbit(cache), device: { foreground } };
      eachSeed(options, (fleet) => {
        fleet.addMany(1);
        runToEnd(fleet);
        const limit = 1.05 * boundMs(fleet) + 500;
        assert.ok(finishedAt(fleet.devices) <= limit, `${finishedAt(fleet.devices)} > ${limit}`);
        assert.ok(copies(fleet) <= 1.3);
      });
    });
  }
}
