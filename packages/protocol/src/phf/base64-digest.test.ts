import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64Digest, encodeBase64Digest } from './base64-digest.ts';

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('decodes what Buffer encodes, at any place', () => {
  fc.assert(
    fc.property(digest, fc.nat(9), fc.nat(9), (bytes, at, targetAt) => {
      const text = `${' '.repeat(at)}${Buffer.from(bytes).toString('base64')}`;
      const target = new Uint8Array(targetAt + 32);
      assert.ok(decodeBase64Digest(Buffer.from(text), at, target, targetAt));
      assert.deepEqual(target.subarray(targetAt), bytes);
      assert.equal(encodeBase64Digest(target, targetAt), text.trim());
    }),
  );
});

test('accepts 44 bytes if and only if they are the one spelling of a digest', () => {
  const change = fc.record({ at: fc.nat(43), to: fc.nat(255) });
  fc.assert(
    fc.property(digest, fc.array(change, { maxLength: 2 }), (bytes, changes) => {
      const text = Buffer.from(Buffer.from(bytes).toString('base64'), 'latin1');
      for (const { at, to } of changes) text[at] = to;
      const lenient = Buffer.from(text.toString('latin1'), 'base64');
      const canonical =
        lenient.length === 32 && lenient.toString('base64') === text.toString('latin1');
      assert.equal(decodeBase64Digest(text, 0, new Uint8Array(32), 0), canonical);
    }),
  );
});

test('refuses text cut short', () => {
  const text = Buffer.from(Buffer.alloc(32, 7).toString('base64'));
  assert.equal(decodeBase64Digest(text.subarray(0, 43), 0, new Uint8Array(32), 0), false);
  assert.equal(decodeBase64Digest(text, 1, new Uint8Array(32), 0), false);
});
