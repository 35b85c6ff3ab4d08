import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSize } from './parse-size.ts';

const sizes: [string, number | undefined][] = [
  ['0', 0],
  ['4096', 4096],
  ['12 B', 12],
  ['50GB', 50_000_000_000],
  ['100MB', 100_000_000],
  ['64MiB', 67_108_864],
  ['64mib', 67_108_864],
  ['1g', 1_073_741_824],
  ['1k', 1024],
  ['1.5GiB', 1_610_612_736],
  [' 2 TiB ', 2_199_023_255_552],
  ['', undefined],
  ['MiB', undefined],
  ['-1', undefined],
  ['1e9', undefined],
  ['0x10', undefined],
  ['1,5g', undefined],
  ['12x', undefined],
  ['1gi', undefined],
  ['9007199254740991', 9_007_199_254_740_991],
  ['9007199254740992', undefined],
  ['9000TiB', undefined],
];

for (const [text, bytes] of sizes) {
  test(`parseSize '${text}'`, () => assert.equal(parseSize(text), bytes));
}

test('what parseSize accepts is a whole number of bytes', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (text) => {
      const bytes = parseSize(text);
      assert.ok(bytes === undefined || (Number.isSafeInteger(bytes) && bytes >= 0));
    }),
  );
});
