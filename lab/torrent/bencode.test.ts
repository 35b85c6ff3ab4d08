import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bencode } from './bencode.ts';

test('the examples of BEP 3', () => {
  assert.equal(bencode('spam').toString(), '4:spam');
  assert.equal(bencode(-3).toString(), 'i-3e');
  assert.equal(bencode(['spam', 'eggs']).toString(), 'l4:spam4:eggse');
  assert.equal(bencode({ spam: ['a', 'b'], cow: 'moo' }).toString(), 'd3:cow3:moo4:spaml1:a1:bee');
});

test('lengths are those of bytes, bytes stay as they are', () => {
  assert.equal(bencode('ü').toString(), '2:ü');
  assert.deepEqual([...bencode(new Uint8Array([0, 255]))], [50, 58, 0, 255]);
});

test('no fractions', () => {
  assert.throws(() => bencode(1.5));
});
