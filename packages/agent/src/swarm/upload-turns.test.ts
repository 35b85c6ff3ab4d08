import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gatherMs } from '@sluice/engine';
import { ManualClock } from '@sluice/protocol';
import { isOnSite, type PeerClass } from './peer-class.ts';
import { uploadMembers } from './testing/upload-members.ts';
import { UploadTurns } from './upload-turns.ts';

function setUp(count: number, peerClass: PeerClass = 'Internet', pieces = 0) {
  const clock = new ManualClock();
  const { said, members } = uploadMembers(count, () => peerClass);
  const turns = new UploadTurns({
    clock,
    members: () => members,
    areNear: isOnSite(peerClass),
    content: () => ({ entry: { pieces: { count: pieces } }, pieceSize: 1 << 20 }),
    random: () => 0,
  });
  return { clock, said, members, turns };
}

describe('UploadTurns', () => {
  it('serves who is interested, at once, while there are slots', () => {
    const { said, members, turns } = setUp(3);
    turns.setInterested(members[1]!, true);
    assert.deepEqual(said, ['unchoke 1']);
    assert.deepEqual(
      members.map((m) => m.served),
      [false, true, false],
    );
  });

  it('gives everyone a turn when there are more than slots', () => {
    const { clock, said, members, turns } = setUp(20);
    for (const m of members) turns.setInterested(m, true);
    assert.equal(members.filter((m) => m.served).length, 16);
    clock.advance(9_999);
    turns.next();
    assert.equal(said.filter((s) => s.startsWith('choke')).length, 0);
    clock.advance(1);
    turns.next();
    assert.deepEqual(
      said.filter((s) => s.startsWith('choke')),
      ['choke 0', 'choke 1', 'choke 2', 'choke 3'],
    );
    assert.equal(members[0]!.cleared, 1);
    const served = new Set(members.filter((m) => m.served).map((m) => m.id));
    for (let i = 0; i < 3; i++) {
      clock.advance(10_000);
      turns.next();
      for (const m of members) if (m.served) served.add(m.id);
      assert.equal(members.filter((m) => m.served).length, 16);
    }
    assert.equal(served.size, 20);
  });

  it('lets interest come and go without a choke, while nobody needs the slot', () => {
    const { said, members, turns } = setUp(2);
    turns.setInterested(members[0]!, true);
    turns.setInterested(members[0]!, false);
    turns.setInterested(members[0]!, true);
    assert.deepEqual(said, ['unchoke 0']);
    assert.equal(members[0]!.served, true);
  });

  it('never serves more than there are slots, whoever lost interest', () => {
    const { said, members, turns } = setUp(40);
    for (const m of members.slice(0, 20)) {
      turns.setInterested(m, true);
      turns.setInterested(m, false);
    }
    assert.equal(members.filter((m) => m.served).length, 20, 'nobody else wants to be served');
    for (const m of members.slice(20)) turns.setInterested(m, true);
    assert.equal(members.filter((m) => m.served).length, 16);
    assert.equal(said.filter((s) => s.startsWith('choke')).length, 20);
  });

  it('serves those first who have nothing yet', () => {
    const { members, turns } = setUp(18);
    for (const m of members.slice(0, 17)) turns.setInterested(m, true);
    Object.assign(members[17]!, { has: { count: 0 } });
    turns.setInterested(members[17]!, true);
    turns.remove(members[3]!);
    turns.next();
    assert.deepEqual([members[16]!.served, members[17]!.served], [false, true]);
  });

  it('has more slots while there is little to send, fewer when the line is full', () => {
    const { clock, members, turns } = setUp(30);
    const served = () => members.filter((m) => m.served).length;
    for (const m of members) turns.setInterested(m, true);
    for (let s = 0; s < 20; s++) {
      clock.advance(1_000);
      turns.adapt();
    }
    assert.equal(served(), 30);
    for (const m of members) Object.assign(m.uploads!, { idle: false });
    for (let s = 0; s < 10; s++) {
      turns.sent(1_000_000);
      clock.advance(1_000);
      turns.adapt();
    }
    assert.equal(served(), 20);
  });

  it('has a turn be a piece in a crowd on this site, and few at a time', () => {
    const { clock, said, members, turns } = setUp(20, 'Lan');
    for (const m of members.slice(0, 16)) turns.setInterested(m, true);
    clock.advance(gatherMs);
    assert.equal(members.filter((m) => m.served).length, 16, 'no crowd yet');
    for (const m of members.slice(16)) turns.setInterested(m, true);
    clock.advance(gatherMs);
    const served = members.filter((m) => m.served);
    assert.equal(served.length, 5);
    for (const m of served) turns.asked(m);
    said.length = 0;
    turns.sentAll(served[0]!);
    assert.equal(said[0], `choke ${served[0]!.id}`);
    assert.equal(said.length, 2, 'and another has the slot');
    clock.advance(20);
    assert.equal(said.length, 4, 'who does not ask at once loses it to another');
    turns.close();
  });

  it('gathers a crowd that becomes interested at once before it chooses among it', () => {
    const { clock, members, turns } = setUp(20, 'Lan');
    for (const m of members) turns.setInterested(m, true);
    assert.ok(!members.some((m) => m.served));
    clock.advance(gatherMs);
    assert.equal(members.filter((m) => m.served).length, 5);
    turns.close();
  });

  it('that is over looks at nothing more, whatever its members still say', () => {
    const { clock, members, turns } = setUp(20, 'Lan');
    turns.close();
    for (const m of members) turns.setInterested(m, true);
    turns.next();
    assert.equal(clock.pending, 0);
  });

  it('gives the slot of who left to the next', () => {
    const { members, turns } = setUp(17);
    for (const m of members) turns.setInterested(m, true);
    assert.equal(members[16]!.served, false);
    turns.remove(members[3]!);
    turns.next();
    assert.equal(members[16]!.served, true);
  });
});
