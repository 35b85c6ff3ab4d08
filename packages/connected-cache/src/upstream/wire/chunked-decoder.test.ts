import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChunkedDecoder } from './chunked-decoder.ts';

/** Feeds `wire` in reads of these sizes. @returns the body and what was left over */
function decode(wire: Uint8Array, sizes: number[]): { body: Buffer; left: number; ended: boolean } {
  const decoder = new ChunkedDecoder();
  const parts: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; at < wire.length && !decoder.ended; i++) {
    let read = wire.subarray(at, at + (sizes[i % sizes.length] ?? 1));
    while (read.length > 0 && !decoder.ended) {
      const { used, data } = decoder.take(read);
      if (data) parts.push(Buffer.from(data));
      read = read.subarray(used);
      at += used;
    }
  }
  return { body: Buffer.concat(parts), left: wire.length - at, ended: decoder.ended };
}

const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 9 });

test('reads the same however it is cut, and not a byte further', () => {
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(fc.array(chunk), fc.uint8Array({ maxLength: 20 }), sizes, (chunks, rest, cuts) => {
      const wire = chunks.flatMap((bytes) => [
        Buffer.from(`${bytes.length.toString(16)};a="b"\r\n`),
        bytes,
        Buffer.from('\r\n'),
      ]);
      wire.push(Buffer.from('0\r\nX-Sum: 1\r\n\r\n'), rest);
      const { body, left, ended } = decode(Buffer.concat(wire), cuts);
      assert.ok(ended);
      assert.equal(left, rest.length);
      assert.ok(body.equals(Buffer.concat(chunks)));
    }),
  );
});

test('takes nothing else', () => {
  for (const wire of [
    'x\r\n',
    '-1\r\n',
    '1\r\nab\r\n',
    '\r\n',
    '1 1\r\n',
    '0x1\r\n',
    '1'.repeat(13),
  ]) {
    assert.throws(() => decode(Buffer.from(`${wire}\r\n`), [1]), Error, wire);
  }
  assert.throws(() => decode(Buffer.from('a'.repeat(9999)), [100]), /too long/);
  const trailers = `0\r\n${'X-A: 1234567890\r\n'.repeat(2000)}`;
  assert.throws(() => decode(Buffer.from(trailers), [1000]), /without end/);
});
