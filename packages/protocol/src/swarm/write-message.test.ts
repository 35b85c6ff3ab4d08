import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '../errors/index.ts';
import { maxBlockLength, maxMessageLength, type SwarmMessage } from './message.ts';
import { encodeMessage, encodePieceHeader } from './write-message.ts';

test('writes the bytes of wire.md §2', () => {
  const hex = (m: SwarmMessage) => Buffer.from(encodeMessage(m)).toString('hex');
  assert.equal(hex({ type: 'keepAlive' }), '00000000');
  assert.equal(hex({ type: 'choke' }), '0000000100');
  assert.equal(hex({ type: 'notInterested' }), '0000000103');
  assert.equal(hex({ type: 'have', piece: 0x01020304 }), '000000050401020304');
  assert.equal(hex({ type: 'bitfield', bits: Uint8Array.of(0x80, 1) }), '00000003058001');
  const block = { piece: 1, offset: 0x10000, length: 0x8000 };
  assert.equal(hex({ type: 'request', ...block }), '0000000d06000000010001000000008000');
  assert.equal(hex({ type: 'cancel', ...block }), '0000000d08000000010001000000008000');
  assert.equal(
    Buffer.from(encodePieceHeader(2, 3, 1)).toString('hex'),
    '0000000a070000000200000003',
  );
  assert.equal(hex({ type: 'extension', id: 4, body: Uint8Array.of(9) }), '00000003140409');
});

test('refuses to write what a FrameReader would refuse', () => {
  const block = { piece: 0, offset: 0, length: maxBlockLength + 1 };
  const invalid = (e: unknown) => isSluiceError(e, 'InvalidMessage');
  assert.throws(() => encodeMessage({ type: 'request', ...block }), invalid);
  assert.throws(() => encodePieceHeader(0, 0, block.length), invalid);
  assert.throws(() => encodePieceHeader(0, 0, 0), invalid);
  const tooMuch = new Uint8Array(maxMessageLength);
  const refused: SwarmMessage[] = [
    { type: 'bitfield', bits: tooMuch },
    { type: 'bitfield', bits: new Uint8Array(0) },
    { type: 'extension', id: 0, body: tooMuch },
    { type: 'extension', id: 256, body: new Uint8Array(0) },
    { type: 'have', piece: -1 },
    { type: 'have', piece: 2 ** 32 },
    { type: 'have', piece: 1.5 },
    { type: 'request', piece: Number.NaN, offset: 0, length: 1 },
  ];
  for (const m of refused) assert.throws(() => encodeMessage(m), RangeError);
  for (const offset of [-1, 0.5, Number.NaN]) {
    assert.throws(() => encodePieceHeader(0, offset, 1), RangeError);
  }
  for (const length of [-1, 0.5, Number.NaN]) {
    assert.throws(() => encodePieceHeader(0, 0, length));
  }
});
