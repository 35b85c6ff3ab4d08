import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 as zlibs } from 'node:zlib';
import fc from 'fast-check';
import { crc32 } from './crc32.ts';

test('is that of zlib, of what comes in parts as well', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (first, second) => {
      assert.equal(crc32(first), zlibs(first));
      assert.equal(crc32(second, crc32(first)), zlibs(Buffer.concat([first, second])));
    }),
  );
});
