import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { PeerClass } from '@sluice/engine';
import { decodeHello, ExtensionId, encodePhfRequest, type SwarmMessage } from '@sluice/protocol';
import { contentOf, testDevice } from './testing/device.ts';
import { RawPeer } from './testing/raw-peer.ts';
import { until } from './testing/until.ts';
import { allowsAnyone, openPermit, type UploadPermit } from './upload-permit.ts';

const bytes = contentOf(20);

/** A permit in the hand of the test. */
class Switch implements UploadPermit {
  allowed = new Set<PeerClass>();
  readonly counted: [PeerClass, number][] = [];
  readonly watchers = new Set<() => void>();

  allows(peerClass: PeerClass): boolean {
    return this.allowed.has(peerClass);
  }
  async settled(): Promise<void> {}
  sent(peerClass: PeerClass, n: number): void {
    this.counted.push([peerClass, n]);
  }
  watch(fn: () => void): () => void {
    this.watchers.add(fn);
    return () => this.watchers.delete(fn);
  }
  set(...classes: PeerClass[]): void {
    this.allowed = new Set(classes);
    for (const fn of this.watchers) fn();
  }
}

async function world() {
  const stack = new AsyncDisposableStack();
  const uploads = new Switch();
  const device = stack.use(await testDevice({ id: 1, uploads, content: { bytes, has: 'all' } }));
  const peer = stack.use(await RawPeer.join(device.listener.port, 2));
  const hellos = () =>
    peer.messages.flatMap((m) =>
      m.type === 'extension' && m.id === ExtensionId.hello ? [decodeHello(m.body).mayUseHttp] : [],
    );
  const count = (type: string) => peer.messages.filter((m) => m.type === type).length;
  const claims = () =>
    peer.messages.filter((m) => m.type === 'extension' && m.id === ExtensionId.claim).length;
  return {
    uploads,
    device,
    peer,
    hellos,
    count,
    claims,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

suite('whom a swarm may not upload to', () => {
  test('hears of no pieces, is not served, and is not to count on us', async () => {
    await using w = await world();
    await until(() => w.hellos().length === 1);
    await w.peer.say({ type: 'interested' });
    await w.peer.say({ type: 'request', piece: 0, offset: 0, length: 1_000 });
    w.device.swarm.broadcastHave(3);
    w.device.swarm.broadcastClaim('claim', [{ first: 1, count: 1 }], 0);
    w.device.swarm.broadcastClaim('release', [{ first: 1, count: 1 }], 0);
    await until(() =>
      w.peer.messages.some((m) => m.type === 'extension' && m.id === ExtensionId.release),
    );
    assert.deepEqual(w.hellos(), [false]);
    assert.deepEqual([w.count('bitfield'), w.count('have'), w.count('unchoke')], [0, 0, 0]);
    assert.deepEqual([w.claims(), w.peer.blocks.length], [0, 0]);
    assert.equal([...w.device.swarm.members].length, 1, 'it stays connected');
  });

  test('hears of everything and is served once it may be, without asking again', async () => {
    await using w = await world();
    await w.peer.say({ type: 'interested' });
    await until(() => w.hellos().length === 1);
    w.uploads.set('Lan');
    await w.peer.heard('unchoke');
    assert.deepEqual([w.hellos(), w.count('bitfield')], [[false, true], 1]);
    await w.peer.say({ type: 'request', piece: 0, offset: 0, length: 1_000 });
    await until(() => w.peer.blocks[0]?.bytes.length === 1_000);
    await until(() => w.uploads.counted.length > 0);
    assert.deepEqual(w.uploads.counted, [['Lan', 1_000]]);
    w.uploads.set('Lan');
    w.device.swarm.broadcastHave(3);
    await w.peer.heard('have');
    assert.deepEqual([w.hellos(), w.count('bitfield')], [[false, true], 1], 'told once');
  });

  test('is choked when the permit ends, and unchoked when it comes back', async () => {
    await using w = await world();
    w.uploads.set('Lan');
    await w.peer.say({ type: 'interested' });
    await w.peer.heard('unchoke');
    w.uploads.set('Internet');
    await w.peer.heard('choke');
    assert.equal(w.hellos().at(-1), false);
    await w.peer.say({ type: 'request', piece: 0, offset: 0, length: 1_000 });
    // The answer shows that the request was read while it was choked.
    const body = encodePhfRequest({ offset: 0 });
    await w.peer.say({ type: 'extension', id: ExtensionId.phfRequest, body });
    await until(() => w.peer.messages.some(isPhf));
    w.uploads.set('Lan');
    await until(() => w.count('unchoke') === 2);
    assert.equal(w.hellos().at(-1), true);
    assert.deepEqual([w.count('bitfield'), w.peer.blocks.length], [2, 0]);
  });

  test('a swarm that is closed listens to no permit', async () => {
    const w = await world();
    await w[Symbol.asyncDispose]();
    assert.equal(w.uploads.watchers.size, 0);
  });
});

const isPhf = (m: SwarmMessage) => m.type === 'extension' && m.id === ExtensionId.phfData;

test('whether anybody may be served', () => {
  const permit = new Switch();
  assert.equal(allowsAnyone(permit), false);
  permit.set('Group');
  assert.equal(allowsAnyone(permit), true);
  assert.equal(allowsAnyone(openPermit), true);
});
