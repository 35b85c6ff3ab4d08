import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSluiceError } from '../errors/index.ts';
import { maxPhfBytes } from '../phf/limits.ts';
import {
  decodePhfData,
  decodePhfRequest,
  encodePhfData,
  encodePhfRequest,
  maxPhfChunk,
} from './phf-exchange.ts';

const invalid = (e: unknown) => isSluiceError(e, 'InvalidMessage');

test('writes big-endian numbers, then the bytes', () => {
  const data = encodePhfData({ total: 0x102, offset: 0x100, bytes: Uint8Array.of(7, 8) });
  assert.equal(Buffer.from(data).toString('hex'), '00000102000001000708');
  assert.equal(Buffer.from(encodePhfRequest({ offset: 258 })).toString('hex'), '00000102');
});

test('decode(encode(x)) = x', () => {
  const data = fc
    .tuple(fc.nat(1000), fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.nat(1000))
    .map(([offset, bytes, more]) => ({ total: offset + bytes.length + more, offset, bytes }));
  fc.assert(fc.property(data, (d) => assert.deepEqual(decodePhfData(encodePhfData(d)), d)));
  const offsets = fc.nat(maxPhfBytes - 1);
  fc.assert(
    fc.property(offsets, (offset) => {
      assert.deepEqual(decodePhfRequest(encodePhfRequest({ offset })), { offset });
    }),
  );
});

test('the bytes are a view into the body', () => {
  const body = encodePhfData({ total: 5, offset: 0, bytes: new Uint8Array(5) });
  assert.equal(decodePhfData(body).bytes.buffer, body.buffer);
});

test('refuses what lies outside a PHF', () => {
  const raw = (total: number, offset: number, length: number) => {
    const body = new Uint8Array(8 + length);
    new DataView(body.buffer).setUint32(0, total);
    new DataView(body.buffer).setUint32(4, offset);
    return body;
  };
  decodePhfData(raw(maxPhfBytes, maxPhfBytes - maxPhfChunk, maxPhfChunk));
  const bad = [
    raw(10, 0, 0),
    raw(10, 10, 1),
    raw(10, 0xffff_ffff, 1),
    raw(10, 0, 11),
    raw(0, 0, 0),
    raw(maxPhfBytes + 1, 0, 1),
    raw(maxPhfBytes, 0, maxPhfChunk + 1),
    new Uint8Array(7),
  ];
  for (const body of bad) assert.throws(() => decodePhfData(body), invalid);
  for (const hex of ['', '000000', '0000000000', '04000000', 'ffffffff']) {
    assert.throws(() => decodePhfRequest(Buffer.from(hex, 'hex')), invalid, hex);
  }
});

test('refuses to write what does not fit', () => {
  const bytes = new Uint8Array(2);
  assert.throws(() => encodePhfData({ total: 1, offset: 0, bytes }), invalid);
  assert.throws(() => encodePhfData({ total: -1, offset: 0, bytes }), RangeError);
  assert.throws(() => encodePhfRequest({ offset: 0.5 }), RangeError);
});

test('random bytes throw InvalidMessage or nothing', () => {
  for (const decode of [decodePhfData, decodePhfRequest]) {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          decode(bytes);
        } catch (e) {
          assert.ok(invalid(e), String(e));
        }
      }),
    );
  }
});
