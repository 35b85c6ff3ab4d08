import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeerEntry } from '@sluice/protocol';
import { type PeerClass, peerClassOf } from './peer-class.ts';

function entry(Type: PeerEntry['Type'], Ip: string): PeerEntry {
  return { PeerId: '1'.repeat(40), Ip, Port: 7680, Type, Left: 0 };
}

test('a peer that the array named is what the array says', () => {
  const cases: [PeerEntry['Type'], string, string, PeerClass][] = [
    ['LAN', '10.0.0.5', '10.0.0.5', 'Lan'],
    ['Group', '10.0.0.5', '10.0.0.5', 'Group'],
    ['Internet', '198.51.100.7', '198.51.100.7', 'Internet'],
    // It may have several addresses, and reach us by another one.
    ['LAN', '10.0.0.5', '192.168.1.5', 'Lan'],
    ['Group', '10.0.0.5', 'fd00::5', 'Group'],
    ['LAN', '2001:db8::5', '2001:db8::5', 'Lan'],
    ['LAN', 'fe80::5%eth0', 'fe80::5%eth0', 'LinkLocal'],
    ['LAN', '10.0.0.5', '169.254.7.7', 'LinkLocal'],
    ['Group', '10.0.0.5', 'fe80::5%eth0', 'Group'],
  ];
  for (const [type, named, from, expected] of cases) {
    assert.equal(peerClassOf(entry(type, named), from), expected);
  }
});

test('nobody on the Internet is on the LAN because of the name it gives', () => {
  assert.equal(peerClassOf(entry('LAN', '10.0.0.5'), '198.51.100.7'), 'Internet');
  assert.equal(peerClassOf(entry('Group', '10.0.0.5'), '2001:db8::9'), 'Internet');
  assert.equal(peerClassOf(entry('LAN', '10.0.0.5'), ''), 'Internet');
});

test('a peer nobody named is judged by its address', () => {
  for (const near of ['127.0.0.1', '10.1.2.3', '192.168.0.9', 'fd00::1']) {
    assert.equal(peerClassOf(undefined, near), 'Lan');
  }
  for (const onLink of ['169.254.1.1', 'fe80::1', 'fe80::1%eth0']) {
    assert.equal(peerClassOf(undefined, onLink), 'LinkLocal');
  }
  for (const far of ['198.51.100.7', '2001:db8::1', '']) {
    assert.equal(peerClassOf(undefined, far), 'Internet');
  }
});
