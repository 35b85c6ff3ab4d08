import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { uploadMembers } from './testing/upload-members.ts';
import { UploadPools } from './upload-pools.ts';

/** The first two are of the site, and begin last. */
function setUp(count: number) {
  const clock = new ManualClock();
  const { said, members } = uploadMembers(count, (id) => (id < 2 ? 'Lan' : 'Internet'));
  const content = () => ({ entry: { pieces: { count: 9 } }, pieceSize: 1 << 20 });
  const pools = new UploadPools({ clock, members: () => members, content, random: () => 0 });
  for (const m of members.slice(2)) pools.setInterested(m, true);
  const served = () => members.filter((m) => m.served).map((m) => m.id);
  return { clock, said, members, pools, served };
}

test('a device of the site is served at once, however many elsewhere hold slots, and takes none of them', () => {
  const { said, members, pools, served } = setUp(30);
  const elsewhere = served();
  assert.equal(elsewhere.length, 16);
  for (const m of members.slice(0, 2)) pools.setInterested(m, true);
  assert.deepEqual(served(), [0, 1, ...elsewhere]);
  assert.equal(said.filter((s) => s.startsWith('choke')).length, 0);
});

test('what the local network carries says nothing of how many the line can serve', () => {
  const { clock, members, pools, served } = setUp(30);
  pools.setInterested(members[0]!, true);
  for (const m of members) Object.assign(m.uploads!, { idle: false });
  for (let s = 0; s < 10; s++) {
    pools.sent(members[0]!, 100_000_000);
    pools.sent(members[2]!, 1_000_000);
    clock.advance(1_000);
    pools.adapt();
  }
  assert.ok(served().length < 10, `${served().length} share a megabyte a second`);
});

test('who leaves is not served any more, wherever it is', () => {
  const { members, pools } = setUp(19);
  pools.setInterested(members[0]!, true);
  for (const id of [0, 2]) pools.remove(members[id]!);
  pools.next();
  assert.equal(members[18]!.served, true, 'the slot that was freed is given to who waits');
});
