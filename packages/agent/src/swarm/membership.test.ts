import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeChallenge, ExtensionId, encodeHello, ManualClock } from '@sluice/protocol';
import type { PeerKey, PeerMembership } from '../identity/peer-membership.ts';
import { contentOf, type Device, testDevice } from './testing/device.ts';
import { handshakeOf, RawPeer } from './testing/raw-peer.ts';
import { until } from './testing/until.ts';

const bytes = contentOf(2);
const group = '01234567-89ab-cdef-0123-456789abcdef';

/** The keys of a tenant, by numbers. */
class Tenant implements PeerMembership {
  keys: PeerKey[];
  suspected = 0;
  readonly #watchers = new Set<() => void>();

  constructor(...keys: number[]) {
    this.keys = keysOf(keys);
  }

  watch(fn: () => void): () => void {
    this.#watchers.add(fn);
    return () => this.#watchers.delete(fn);
  }

  suspectOld(): void {
    this.suspected++;
  }

  change(...keys: number[]): void {
    this.keys = keysOf(keys);
    for (const fn of this.#watchers) fn();
  }
}

function keysOf(numbers: number[]): PeerKey[] {
  return numbers.map((n) => ({
    id: n.toString(16).padStart(16, '0'),
    key: new Uint8Array(32).fill(n),
  }));
}

const clock = new ManualClock();
const device = (id: number, membership?: PeerMembership, has: 'all' | 'nothing' = 'all') =>
  testDevice({ id, clock, content: { bytes, has }, ...(membership && { membership }) });
const areConnected = (a: Device, b: Device) =>
  [...a.swarm.members].some((m) => m.connection.peerId === b.id) &&
  [...b.swarm.members].some((m) => m.connection.peerId === a.id);

describe('devices that are enrolled', () => {
  it('are peers by a key that both have, the newest', async () => {
    const [one, two] = [new Tenant(3, 2), new Tenant(2, 1)];
    await using a = await device(1, one);
    await using b = await device(2, two, 'nothing');
    b.swarm.offer([a.entry]);
    await until(() => areConnected(a, b));
    const [member] = a.swarm.members;
    assert.equal(member!.provenBy, two.keys[0]!.id);
    await until(() => [...b.swarm.members][0]?.isSeed === true);

    one.change(4, 3);
    await until(() => [...a.swarm.members].length === 0);
  });

  it('have no peers of another tenant, without keys, or not enrolled, whoever calls', async () => {
    for (const [mine, theirs] of [
      [new Tenant(1), new Tenant(2)],
      [new Tenant(1), new Tenant()],
      [new Tenant(1), undefined],
      [undefined, new Tenant(1)],
    ]) {
      await using a = await device(1, mine);
      await using b = await device(2, theirs, 'nothing');
      b.swarm.offer([a.entry]);
      await until(() => b.swarm.acquaintance.connecting === 0);
      await until(() => [...a.swarm.members, ...b.swarm.members].length === 0);
      if (!mine) continue;
      // Both find out; one closes before the other does.
      await until(() => a.refused.length === 1);
      assert.match(a.refused[0]!, /^Peer(?:Unproven|Lost)$/);
      if (theirs?.keys.length) assert.ok(mine.suspected + theirs.suspected >= 1);
    }
  });

  it('of a group let in from elsewhere only who proves it', async () => {
    const groups = [group, group.toUpperCase(), group.replace('0', 'f'), undefined];
    for (const theirs of groups) {
      const tenant = new Tenant(1);
      await using a = await device(1, tenant);
      await using b = await device(2, tenant, 'nothing');
      a.swarm.groupOnly = true;
      a.swarm.groupId = group;
      b.swarm.groupOnly = theirs !== undefined;
      b.swarm.groupId = theirs;
      // By the array's word it is not of this site.
      a.swarm.offer([{ ...b.entry, Type: 'Group' }]);
      const isOne = theirs?.toLowerCase() === group;
      if (isOne) await until(() => areConnected(a, b));
      else await until(() => a.swarm.acquaintance.connecting === 0);
      assert.equal([...a.swarm.members].length, isOne ? 1 : 0);
    }
  });
});

describe('a stranger that knows the wire', () => {
  const challengeOf = async (peer: RawPeer) => {
    const said = await peer.heard('extension');
    assert.equal(said.id, ExtensionId.challenge);
    return decodeChallenge(said.body);
  };

  it('is told nothing of the content, and no id of tenant or group is on the wire', async () => {
    const tenant = new Tenant(1);
    await using a = await device(1, tenant);
    a.swarm.groupOnly = true;
    a.swarm.groupId = group;
    await using peer = await RawPeer.join(a.listener.port, 2);
    const { keyIds } = await challengeOf(peer);
    assert.deepEqual(keyIds, [tenant.keys[0]!.id]);
    await peer.say({ type: 'request', piece: 0, offset: 0, length: 16 });
    await peer.dropped();
    assert.deepEqual([peer.messages.length, peer.blocks], [1, []]);
    assert.deepEqual(a.refused, ['PeerUnproven']);
  });

  it('cannot use what it recorded, nor send our own back, and is not waited for', async () => {
    const tenant = new Tenant(1);
    await using a = await device(1, tenant);
    const say = async (...bodies: [number, Uint8Array][]) => {
      await using peer = await RawPeer.join(a.listener.port, 2);
      const mine = await peer.heard('extension');
      // Its own challenge comes back to it, and then its own proof.
      await peer.say({ type: 'extension', id: ExtensionId.challenge, body: mine.body });
      await until(() => peer.messages.length === 2 || peer.isOver);
      const proof = peer.messages[1];
      for (const [id, body] of bodies) await peer.say({ type: 'extension', id, body });
      if (bodies.length === 0 && proof?.type === 'extension') await peer.say(proof);
      await peer.dropped();
      assert.deepEqual([peer.messages.length, peer.blocks], [2, []]);
      return proof?.type === 'extension' ? proof.body : new Uint8Array();
    };
    const recorded = await say();
    await say([ExtensionId.proof, recorded]);
    await say([ExtensionId.proof, new Uint8Array(40)]);
    await say([ExtensionId.proof, new Uint8Array(39)]);
    await say([ExtensionId.hello, encodeHello({ features: [], mayUseHttp: true, listenPort: 1 })]);

    await using silent = await RawPeer.connect(a.listener.port);
    await silent.write(handshakeOf(2));
    await challengeOf(silent);
    clock.advance(5_000);
    await silent.dropped();
    const codes = new Set(a.refused);
    assert.deepEqual(codes, new Set(['PeerUnproven', 'InvalidMessage']));
    assert.equal([...a.swarm.members].length, 0);
  });
});
