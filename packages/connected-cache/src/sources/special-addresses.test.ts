import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSpecialAddress } from './special-addresses.ts';

test('everything but public unicast is special', () => {
  for (const address of [
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.255.255.254'],
    ...[
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.0.1',
      '192.0.2.1',
      '198.18.0.1',
    ],
    ...['224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::127.0.0.1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '0:0:0:0:0:ffff:7f00:1'],
    ...['64:ff9b::7f00:1', '64:ff9b::a00:1', '64:ff9b:1::1', '100::1', '2001::1', '2001:db8::1'],
    ...[
      '2002:7f00:1::',
      'fc00::1',
      'fdff::1',
      'fe80::1',
      'febf::1',
      'fec0::1',
      'ff02::1',
      '4000::1',
    ],
    ...['', 'localhost', '127.1', '[::1]', '::1%lo', '1.2.3.4 '],
  ]) {
    assert.equal(isSpecialAddress(address), true, address);
  }
  for (const address of [
    ...[
      '1.1.1.1',
      '100.63.255.255',
      '100.128.0.1',
      '172.15.0.1',
      '172.32.0.1',
      '192.167.1.1',
      '223.255.255.254',
    ],
    ...['2606:4700::1111', '2a00:1450::1', '2003::1', '::ffff:1.1.1.1', '64:ff9b::101:101'],
  ]) {
    assert.equal(isSpecialAddress(address), false, address);
  }
});
