import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExtensionId, encodeHello } from '@sluice/protocol';
import type { Member } from './member.ts';
import { contentOf, type Device, peerId, testDevice } from './testing/device.ts';
import { RawPeer } from './testing/raw-peer.ts';
import { until } from './testing/until.ts';

const bytes = contentOf(20);

/** Has the download of the device write down who is there, as what. */
function record({ swarm }: Device): string[] {
  const seen: string[] = [];
  const note = (what: string) => (m: Member) => seen.push(`${what} ${m.peerClass}`);
  const nothing = () => {};
  swarm.watch({
    joined: note('joined'),
    left: note('left'),
    hello: note('hello'),
    ...{ has: nothing, choked: nothing, claimed: nothing, released: nothing, phf: nothing },
  });
  return seen;
}

function helloOf(knownAs: 'Group' | 'Internet') {
  const hello = { features: ['claim'], mayUseHttp: true, listenPort: 7680, knownAs };
  return { type: 'extension', id: ExtensionId.hello, body: encodeHello(hello) } as const;
}

test('who dials a device of its group elsewhere tells it so: a private address alone would be of the site', async () => {
  await using a = await testDevice({ id: 1, content: { bytes, has: 'all' } });
  await using b = await testDevice({ id: 2, content: { bytes, has: 'nothing' } });
  const seen = record(a);
  b.swarm.offer([{ ...a.entry, Type: 'Group' }]);
  await until(
    () => [...a.swarm.members, ...b.swarm.members].filter((m) => m.acquainted).length === 2,
  );
  assert.deepEqual(seen, ['joined Lan', 'left Lan', 'joined Group', 'hello Group']);
  assert.deepEqual(
    [...b.swarm.members].map((m) => m.peerClass),
    ['Group'],
  );
});

test('what it gets is counted and limited as what goes elsewhere, and it is told its pieces once', async () => {
  await using device = await testDevice({ id: 1, content: { bytes, has: 'all' } });
  await using peer = await RawPeer.join(device.listener.port, 2);
  await peer.heard('bitfield');
  await peer.say({ type: 'interested' });
  await peer.heard('unchoke');
  await peer.say(helloOf('Internet'));
  await peer.heard('choke');
  await peer.say({ type: 'interested' });
  await until(() => peer.messages.filter((m) => m.type === 'unchoke').length === 2);
  await peer.say({ type: 'request', piece: 3, offset: 0, length: 1_000 });
  await until(() => peer.blocks[0]?.bytes.length === 1_000);
  await until(() => device.swarm.sent.Internet === 1_000);
  assert.equal(device.swarm.sent.Lan, 0);
  assert.equal(peer.messages.filter((m) => m.type === 'bitfield').length, 1);
});

test('whom the array has named as of the site stays there, whatever it says', async () => {
  await using device = await testDevice({ id: 1, content: { bytes, has: 'all' } });
  const seen = record(device);
  await using peer = await RawPeer.join(device.listener.port, 2);
  await peer.heard('bitfield');
  device.swarm.offer([{ PeerId: peerId(2), Ip: '127.0.0.1', Port: 1, Type: 'LAN', Left: 1 }]);
  await peer.say(helloOf('Group'));
  await until(() => seen.length === 2);
  assert.deepEqual(seen, ['joined Lan', 'hello Lan']);
});
