import assert from 'node:assert/strict';
import { chmodSync, statSync } from 'node:fs';
import { suite, test } from 'node:test';
import { temporaryFolder } from './store-fixture.ts';
import { systemGroups } from './user-groups.ts';
import { mayMakeFilesIn } from './user-rights.ts';

/** Known to no file of this device. */
const [user, group] = [54_321, 54_322];

suite('what a user may write', { skip: process.platform === 'win32' }, () => {
  test('by owner, group, or as all others; more for all than for the group is not the group’s', () => {
    const of = (mode: number, uid: number, gid: number) => {
      const asked: number[] = [];
      const ask = (id: number) => {
        asked.push(id);
        return new Set([group]);
      };
      return [mayMakeFilesIn('/', { mode, uid, gid }, user, ask), asked.length > 0];
    };
    assert.deepEqual(of(0o700, user, 1), [true, false]);
    assert.deepEqual(of(0o077, user, 1), [false, false], 'an owner has the owner’s rights only');
    assert.deepEqual(of(0o777, 1, 1), [true, false], 'nobody is asked for what all may');
    assert.deepEqual(of(0o755, 1, group), [false, false], 'or for what neither may');
    assert.deepEqual(of(0o770, 1, group), [true, true], 'a group of a directory server');
    assert.deepEqual(of(0o770, 1, 1), [false, true]);
    assert.deepEqual(of(0o707, 1, group), [false, true]);
    assert.deepEqual(of(0o760, 1, group), [false, false], 'writing alone makes no file');
  });

  test('the folders above count, too', async (t) => {
    const folder = await temporaryFolder(t);
    chmodSync(folder, 0o700);
    const stats = { ...statSync(folder), mode: 0o777 };
    if (stats.uid === user) return;
    assert.equal(mayMakeFilesIn(`${folder}/open`, stats, user), false);
  });

  test('the system is asked once in five minutes, also when it knows nobody', () => {
    let asked = 0;
    const ask = () => (asked++ === 0 ? '54322 7\n' : '');
    assert.deepEqual([...systemGroups(54_001, ask, 0)], [54_322, 7]);
    assert.deepEqual([...systemGroups(54_001, ask, 299_999)], [54_322, 7]);
    assert.deepEqual([...systemGroups(54_001, ask, 300_000)], []);
    assert.deepEqual([...systemGroups(54_001, ask, 300_001)], []);
    assert.equal(asked, 2);
  });

  test('the system knows this process’s user', { skip: process.platform !== 'linux' }, () => {
    assert.ok(systemGroups(process.getuid!()).has(process.getgid!()));
    assert.equal(systemGroups(user).size, 0);
  });
});
