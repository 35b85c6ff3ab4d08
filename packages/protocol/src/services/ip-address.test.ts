import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AddressKind, addressKind, canonicalIp } from './ip-address.ts';

test('one spelling per address', () => {
  const cases: [string, string | undefined][] = [
    ['127.0.0.1', '127.0.0.1'],
    ['::FFFF:10.1.2.3', '10.1.2.3'],
    ['::ffff:0a01:0203', '10.1.2.3'],
    ['::1', '::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['256.1.1.1', undefined],
    ['01.2.3.4', undefined],
    ['1.2.3', undefined],
    ['1', undefined],
    ['', undefined],
    ['localhost', undefined],
    ['fe80::1%eth0', undefined],
    ['[::1]', undefined],
    ['::1]:80/x', undefined],
    ['1:2', undefined],
    ['127.0.0.1:80', undefined],
    ['10.0.0.1\n', undefined],
  ];
  for (const [text, expected] of cases) assert.equal(canonicalIp(text), expected, text);
});

test('where an address reaches', () => {
  const cases: [string, AddressKind][] = [
    ['127.8.9.1', 'loopback'],
    ['::1', 'loopback'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.3.4', 'private'],
    ['192.169.3.4', 'public'],
    ['100.64.0.1', 'private'],
    ['100.128.0.1', 'public'],
    ['fd00::1', 'private'],
    ['fe80::1', 'linkLocal'],
    ['169.254.1.1', 'linkLocal'],
    ['8.8.8.8', 'public'],
    ['2001:db8::1', 'public'],
    ['0.0.0.0', 'unusable'],
    ['::', 'unusable'],
    ['224.0.0.251', 'unusable'],
    ['255.255.255.255', 'unusable'],
    ['ff02::fb', 'unusable'],
  ];
  for (const [ip, kind] of cases) assert.equal(addressKind(ip), kind, ip);
});

test('property: canonical form is a fixed point, whatever the spelling', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const once = canonicalIp(text);
      assert.ok(once !== undefined);
      assert.equal(canonicalIp(once), once);
      assert.equal(canonicalIp(text.toUpperCase()), once);
      assert.match(addressKind(once), /^(loopback|private|linkLocal|public|unusable)$/);
    }),
  );
});

test('property: any text is an address or refused, never a fault', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void canonicalIp(text)));
});
