import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { ipFromBytes, ipToBytes } from './ip-bytes.ts';

test('bytes to text and back', () => {
  const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
  const byte = fc.oneof(fc.constant(0), fc.nat(255));
  const v6 = fc.array(byte, { minLength: 16, maxLength: 16 }).map((a) => Uint8Array.from(a));
  fc.assert(
    fc.property(fc.oneof(v4, v6), (bytes) => {
      const text = ipFromBytes(bytes);
      assert.equal(isIP(text), bytes.length === 4 ? 4 : 6);
      assert.deepEqual(ipToBytes(text), bytes);
    }),
    { numRuns: 500 },
  );
});

test('takes every spelling of an address, and nothing else', () => {
  const hex = (text: string) => Buffer.from(ipToBytes(text) ?? []).toString('hex');
  assert.equal(hex('10.0.0.255'), '0a0000ff');
  assert.equal(hex('::'), '0'.repeat(32));
  assert.equal(hex('1::'), `0001${'0'.repeat(28)}`);
  assert.equal(hex('FE80:0:0:0:0:0:0:1'), `fe80${'0'.repeat(24)}0001`);
  assert.equal(hex('64:ff9b::10.0.0.1'), `0064ff9b${'0'.repeat(16)}0a000001`);
  assert.equal(hex('1:2:3:4:5:6:7:8'), '00010002000300040005000600070008');
  assert.equal(hex('::ffff:10.0.0.1'), '0a000001');
  for (const text of ['', 'host', '10.0.0', '10.0.0.256', '1::2::3', 'fe80::1%eth0', '[::1]']) {
    assert.equal(ipToBytes(text), undefined, text);
  }
});

test('IPv4 in IPv6 form comes out as IPv4', () => {
  const mapped = Uint8Array.from([...new Array<number>(10).fill(0), 255, 255, 10, 0, 0, 1]);
  assert.equal(ipFromBytes(mapped), '10.0.0.1');
});
