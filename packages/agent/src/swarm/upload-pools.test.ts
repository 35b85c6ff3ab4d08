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

for (const near of [true, false]) {
  const where = near ? 'of the site' : 'elsewhere';

  /** Two more than there are slots at first, who all want to be served. */
  const many = () => {
    const clock = new ManualClock();
    const { said, members } = uploadMembers(18, () => (near ? 'Lan' : 'Group'));
    const content = () => ({ entry: { pieces: { count: 9 } }, pieceSize: 1 << 20 });
    let mayServe = true;
    const options = { clock, content, mayServe: () => mayServe, random: () => 0 };
    const pools = new UploadPools({ ...options, members: () => members });
    const forbid = () => {
      mayServe = false;
    };
    const served = () => members.filter((m) => m.served).length;
    return { clock, said, members, pools, forbid, served };
  };

  test(`who leaves makes room for another, ${where}`, () => {
    const { clock, members, pools } = many();
    for (const m of members.slice(0, 16)) pools.setInterested(m, true);
    clock.advance(10);
    pools.remove(members[3]!);
    pools.setInterested(members[16]!, true);
    clock.advance(10);
    assert.equal(members[16]!.served, true);
  });

  test(`slots follow what is sent, and nobody is served any more who may not be, ${where}`, () => {
    const { clock, members, pools, forbid, served } = many();
    const serve = (seconds: number, bytes: number) => {
      for (let s = 0; s < seconds; s++) {
        pools.sent(members[0]!, bytes);
        clock.advance(1_000);
        pools.adapt();
      }
    };
    for (const m of members.slice(0, 16)) {
      Object.assign(m.uploads!, { idle: false });
      pools.setInterested(m, true);
    }
    serve(10, 100_000);
    assert.equal(served(), 6);
    serve(20, 50_000_000);
    assert.equal(served(), 16);
    forbid();
    pools.next();
    assert.equal(served(), 0);
  });
}

test('a turn of a crowd on the site ends with what was asked for, and no timer outlives the pools', () => {
  const clock = new ManualClock();
  const { said, members } = uploadMembers(18, () => 'Lan');
  const content = () => ({ entry: { pieces: { count: 0 } }, pieceSize: 1 << 20 });
  const pools = new UploadPools({ clock, members: () => members, content, random: () => 0 });
  for (const m of members) pools.setInterested(m, true);
  clock.advance(10);
  const first = members.find((m) => m.served)!;
  pools.asked(first);
  clock.advance(100);
  assert.equal(first.served, true, 'it has taken the offer');
  pools.sentAll(first);
  clock.advance(200);
  assert.ok(said.includes(`choke ${first.id}`));
  pools.close();
  const before = said.length;
  clock.advance(60_000);
  assert.equal(said.length, before);
});
