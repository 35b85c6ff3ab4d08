import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BodyBuffer } from './body-buffer.ts';

test('gives back what was appended, body after body', () => {
  const bodies = fc.array(fc.array(fc.uint8Array({ maxLength: 9000 }), { maxLength: 6 }));
  fc.assert(
    fc.property(bodies, (all) => {
      const buffer = new BodyBuffer();
      for (const parts of all) {
        const whole = Buffer.concat(parts);
        for (const part of parts) buffer.append(part, whole.length);
        assert.equal(buffer.length, whole.length);
        assert.ok(whole.equals(buffer.take()));
      }
    }),
    { numRuns: 50 },
  );
});

test('takes memory for what came, not for what was announced', () => {
  const buffer = new BodyBuffer();
  const announced = 2_000_000;
  for (let received = 1; received <= 300_000; received += 1000) {
    buffer.append(new Uint8Array(received === 1 ? 1 : 1000), announced);
  }
  const capacity = buffer.take().buffer.byteLength;
  assert.ok(capacity <= 2 * 300_000, String(capacity));
  buffer.append(new Uint8Array(1), announced);
  assert.equal(buffer.take().buffer.byteLength, 4096, 'a large buffer is given back');
});

test('never grows past the announced length', () => {
  const buffer = new BodyBuffer();
  for (let i = 0; i < 5; i++) buffer.append(new Uint8Array(1000), 5000);
  assert.equal(buffer.take().buffer.byteLength, 5000);
});
