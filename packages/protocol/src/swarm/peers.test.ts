import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSluiceError } from '../errors/index.ts';
import { ipFromBytes } from './ip-bytes.ts';
import { decodePeers, encodePeers, maxPeersPerMessage } from './peers.ts';

const peerId = '00112233445566778899aabbccddeeff00000000';
const invalid = (e: unknown) => isSluiceError(e, 'InvalidMessage');

test('writes family, address, port and id', () => {
  const hex = (address: string) =>
    Buffer.from(encodePeers([{ address, port: 7680, peerId }])).toString('hex');
  assert.equal(hex('10.0.0.1'), `0001040a0000011e00${peerId}`);
  assert.equal(hex('fd00::1'), `000106fd0000000000000000000000000000011e00${peerId}`);
  assert.equal(hex('::ffff:10.0.0.1'), hex('10.0.0.1'));
  assert.deepEqual([...encodePeers([])], [0, 0]);
});

test('decode(encode(x)) = x', () => {
  const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
  const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 });
  const peer = fc.record(
    {
      address: fc.oneof(v4, v6).map(ipFromBytes),
      port: fc.integer({ min: 1, max: 65535 }),
      peerId: fc
        .uint8Array({ minLength: 20, maxLength: 20 })
        .map((b) => Buffer.from(b).toString('hex')),
    },
    { noNullPrototype: true },
  );
  const peers = fc.array(peer, { maxLength: maxPeersPerMessage });
  fc.assert(fc.property(peers, (list) => assert.deepEqual(decodePeers(encodePeers(list)), list)));
});

test('refuses malformed messages', () => {
  const v4 = `040a0000011e00${peerId}`;
  const bad = [
    '',
    '00',
    '0001',
    `0001${v4}00`,
    `0001${v4.slice(0, -2)}`,
    `0002${v4}`,
    `0000${v4}`,
    `0001050a0000011e00${peerId}`,
    `0001040a0000010000${peerId}`,
    `000106${'00'.repeat(10)}ffff7f0000011e00${peerId}`,
    `00c9${v4.repeat(201)}`,
  ];
  for (const hex of bad) assert.throws(() => decodePeers(Buffer.from(hex, 'hex')), invalid, hex);
  assert.equal(decodePeers(Buffer.from(`00c8${v4.repeat(200)}`, 'hex')).length, 200);
});

test('refuses to write what does not fit', () => {
  const good = { address: '10.0.0.1', port: 7680, peerId };
  assert.throws(() => encodePeers(Array(maxPeersPerMessage + 1).fill(good)), RangeError);
  for (const change of [
    { address: 'host' },
    { address: 'fe80::1%2' },
    { port: 0 },
    { port: 65536 },
  ]) {
    assert.throws(() => encodePeers([{ ...good, ...change }]), RangeError);
  }
  assert.throws(
    () => encodePeers([{ ...good, peerId: '' }]),
    (e) => isSluiceError(e, 'InvalidArgument'),
  );
});

test('random bytes throw InvalidMessage or nothing', () => {
  const entry = fc.tuple(fc.constantFrom(4, 6, 5), fc.uint8Array({ minLength: 20, maxLength: 40 }));
  const message = fc.tuple(fc.nat(3), fc.array(entry, { maxLength: 3 }));
  const plausible = message.map(([n, list]) =>
    Buffer.concat([Buffer.of(0, n), ...list.map(([family, rest]) => Buffer.of(family, ...rest))]),
  );
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 99 }), plausible), (bytes) => {
      try {
        decodePeers(bytes);
      } catch (e) {
        assert.ok(invalid(e), String(e));
      }
    }),
    { numRuns: 500 },
  );
});
