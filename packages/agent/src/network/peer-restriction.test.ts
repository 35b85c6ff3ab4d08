import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OwnAddress } from './own-address.ts';
import { mayPeer, type PeerRestriction } from './peer-restriction.ts';

const lan = { internal: false, tunnel: false };
const own: OwnAddress[] = [
  { address: '127.0.0.1', prefix: 8, zone: 'lo', internal: true, tunnel: false },
  { address: '10.1.2.3', prefix: 23, zone: 'eth0', ...lan },
  { address: '2001:db8:1:2::3', prefix: 64, zone: 'eth0', ...lan },
  { address: 'fe80::3', prefix: 64, zone: 'eth0', ...lan },
];

/** What none, subnet and local say: of one who was found otherwise, and of one found locally. */
const cases: [address: string, otherwise: string, locally: string][] = [
  ['10.1.2.77', 'yes yes no', 'yes yes yes'],
  ['10.1.3.255', 'yes yes no', 'yes yes yes'],
  ['10.1.1.1', 'yes no no', 'yes no no'],
  ['10.1.4.1', 'yes no no', 'yes no no'],
  ['192.168.1.1', 'yes no no', 'yes no no'],
  ['198.51.100.7', 'yes no no', 'yes no no'],
  ['127.0.0.9', 'yes yes no', 'yes yes yes'],
  ['2001:db8:1:2:ffff::1', 'yes yes no', 'yes yes yes'],
  ['2001:db8:1:3::1', 'yes no no', 'yes no no'],
  ['fe80::9%eth0', 'yes yes no', 'yes yes yes'],
  ['fe80::9%eth1', 'yes no no', 'yes no no'],
  ['::ffff:10.1.2.4', 'yes yes no', 'yes yes yes'],
  ['', 'yes no no', 'yes no no'],
];

describe('DORestrictPeerSelectionBy (policies.md §5)', () => {
  for (const [address, otherwise, locally] of cases) {
    it(`${address || 'no address'}: ${otherwise}; found locally: ${locally}`, () => {
      const say = (found: boolean) =>
        (['none', 'subnet', 'local'] satisfies PeerRestriction[])
          .map((r) => (mayPeer(r, own, address, found) ? 'yes' : 'no'))
          .join(' ');
      assert.deepEqual([say(false), say(true)], [otherwise, locally]);
    });
  }

  it('a device without addresses has no subnet', () => {
    assert.equal(mayPeer('subnet', [], '10.1.2.77', true), false);
    assert.equal(mayPeer('local', [], '10.1.2.77', true), false);
  });
});
