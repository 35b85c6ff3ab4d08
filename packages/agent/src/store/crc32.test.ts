import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { crc32 } from './crc32.ts';

test('the same as that of zlib, in one go and in two', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 80 }), (a, b) => {
      assert.equal(crc32(a), zlib.crc32(a));
      assert.equal(crc32(b, crc32(a)), zlib.crc32(Buffer.concat([a, b])));
    }),
  );
});
