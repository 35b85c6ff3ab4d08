import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSluiceError } from '../errors/index.ts';
import { decodeHandshake, encodeHandshake, handshakeLength } from './handshake.ts';

const swarmHash = Uint8Array.from({ length: 32 }, (_, i) => i);
const peerId = '00112233445566778899aabbccddeeff00000000';
const invalid = (e: unknown) => isSluiceError(e, 'InvalidMessage');

test('writes the 75 bytes of wire.md §2', () => {
  const bytes = Buffer.from(encodeHandshake({ contentLength: 244530, swarmHash, peerId }));
  assert.equal(bytes.length, handshakeLength);
  const expected = `0e${Buffer.from('Swarm protocol').toString('hex')}000000000003bb32`;
  assert.equal(bytes.toString('hex', 0, 23), expected);
  assert.ok(bytes.subarray(23, 55).equals(swarmHash));
  assert.equal(bytes.toString('hex', 55), peerId);
});

test('decode(encode(x)) = x', () => {
  const handshake = fc.record(
    {
      contentLength: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).filter((n) => n !== 2n ** 32n),
      swarmHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      peerId: fc
        .uint8Array({ minLength: 20, maxLength: 20 })
        .map((b) => Buffer.from(b).toString('hex')),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(handshake, (h) => assert.deepEqual(decodeHandshake(encodeHandshake(h)), h)),
  );
});

test('the old form, and so a content of 4 GiB, has no size', () => {
  const bytes = encodeHandshake({ contentLength: 4294967296, swarmHash, peerId });
  assert.equal(Buffer.from(bytes).toString('hex', 15, 23), '0000000100000000');
  assert.equal(decodeHandshake(bytes).contentLength, undefined);
});

test('the result does not change with the buffer it was read from', () => {
  const bytes = Buffer.from(encodeHandshake({ contentLength: 1, swarmHash, peerId }));
  const handshake = decodeHandshake(bytes);
  bytes.fill(0);
  assert.deepEqual(handshake, { contentLength: 1n, swarmHash, peerId });
});

test('refuses anything else', () => {
  const good = encodeHandshake({ contentLength: 1, swarmHash, peerId });
  assert.throws(() => decodeHandshake(good.subarray(1)), invalid);
  assert.throws(() => decodeHandshake(new Uint8Array(76)), invalid);
  const bitTorrent = Buffer.alloc(75);
  bitTorrent.write('\x13BitTorrent protocol');
  assert.throws(() => decodeHandshake(bitTorrent), invalid);
  for (let at = 0; at < 15; at++) {
    const bad = good.slice();
    bad[at]! ^= 0x20;
    assert.throws(() => decodeHandshake(bad), invalid);
  }
});

test('refuses to write what does not fit', () => {
  const good = { contentLength: 1, swarmHash, peerId };
  for (const contentLength of [-1, 1.5, Number.NaN, 2n ** 64n]) {
    assert.throws(() => encodeHandshake({ ...good, contentLength }), RangeError);
  }
  assert.throws(() => encodeHandshake({ ...good, swarmHash: new Uint8Array(31) }), RangeError);
  assert.throws(
    () => encodeHandshake({ ...good, peerId: 'zz' }),
    (e) => isSluiceError(e, 'InvalidArgument'),
  );
});
