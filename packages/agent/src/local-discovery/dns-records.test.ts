import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Advert } from '@sluice/protocol';
import type { OwnAddress } from '../network/own-address.ts';
import { type DnsRecord, hostName, readResponse, recordsOf, serviceTypes } from './dns-records.ts';

const lan = { zone: 'eth0', internal: false, tunnel: false };
const link: OwnAddress[] = [
  { address: '10.0.0.5', prefix: 24, ...lan },
  { address: 'fe80::5', prefix: 64, ...lan },
];
const peerId = 'ab'.repeat(20);
const advert: Advert = {
  peerId,
  port: 7680,
  salt: new Uint8Array(16).fill(1),
  tokens: [new Uint8Array(16).fill(2)],
};
const read = (answers: DnsRecord[], from = '10.0.0.9') => {
  // As they come off the wire: strings are bytes there.
  const decoded = answers.map((r) =>
    r.type === 'TXT' ? { ...r, data: [r.data].flat().map((s) => Buffer.from(s as string)) } : r,
  );
  return readResponse({ answers: decoded, additionals: [] }, from, link);
};

describe('the records of an advert', () => {
  it('are read as what was written, with where they came from first', () => {
    const { sightings, gone } = read(recordsOf(advert, ['10.0.0.7', 'fe80::7']));
    const addresses = ['10.0.0.9', '10.0.0.7', 'fe80::7%eth0'];
    assert.deepEqual([sightings, gone], [[{ advert, addresses, ttlMs: 1_200_000 }], []]);
  });

  it('come over IPv6 with the zone of the link', () => {
    const { sightings } = read(recordsOf(advert, ['10.0.0.7']), 'fe80::9%eth0');
    assert.deepEqual(sightings[0]?.addresses, ['fe80::9%eth0', '10.0.0.7']);
  });

  it('say good-bye with no time to live', () => {
    assert.deepEqual(read(recordsOf(advert, [], 0)), {
      sightings: [],
      gone: [{ peerId, from: '10.0.0.9' }],
    });
  });

  it('are found among others’', () => {
    const other = { name: 'printer._ipp._tcp.local', type: 'SRV', ttl: 120 } as const;
    const data = { port: 631, target: 'printer.local' };
    const records: DnsRecord[] = [
      { ...other, data },
      { name: serviceTypes, type: 'PTR', ttl: 10, data: '_ipp._tcp.local' },
      ...recordsOf(advert, []),
    ];
    assert.equal(read(records).sightings.length, 1);
  });
});

describe('hostile records', () => {
  it('cannot send us to a third party, nor to ourselves by loopback', () => {
    const third = ['198.51.100.7', '10.0.1.7', '127.0.0.1', '2001:db8::1', '224.0.0.1', '0.0.0.0'];
    const { sightings } = read(recordsOf(advert, third));
    assert.deepEqual(sightings[0]?.addresses, ['10.0.0.9']);
    assert.deepEqual(read(recordsOf(advert, third), '198.51.100.1').sightings, []);
  });

  it('of another host name give no address', () => {
    const strange: DnsRecord = { name: 'x.local', type: 'A', ttl: 9, data: '10.0.0.66' };
    const { sightings } = read([...recordsOf(advert, []), strange]);
    assert.deepEqual(sightings[0]?.addresses, ['10.0.0.9']);
  });

  it('with many addresses give four, and not for longer than ours', () => {
    const many = Array.from({ length: 50 }, (_, i) => `10.0.0.${i + 10}`);
    const [sighting] = read(recordsOf(advert, many, 4_000_000)).sightings;
    assert.deepEqual([sighting?.addresses.length, sighting?.ttlMs], [4, 1_200_000]);
  });

  it('without TXT, or with one that is none, are left out', () => {
    const records = recordsOf(advert, []);
    const txt: DnsRecord = { name: records[1]!.name, type: 'TXT', ttl: 9, data: ['v=1'] };
    assert.deepEqual(read(records.filter((r) => r.type !== 'TXT')).sightings, []);
    assert.deepEqual(read([...records.filter((r) => r.type !== 'TXT'), txt]).sightings, []);
  });

  it('beyond 64 are not looked at', () => {
    const filler: DnsRecord = { name: hostName(peerId), type: 'A', ttl: 9, data: '10.0.0.1' };
    assert.deepEqual(read([...Array(64).fill(filler), ...recordsOf(advert, [])]).sightings, []);
  });
});
