import assert from 'node:assert/strict';
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { suite, type TestContext, test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { temporaryFolder } from '../store/store-fixture.ts';
import { Logins, ownerOf } from './logins.ts';

const isRoot = process.getuid?.() === 0;

async function world(t: TestContext) {
  const folder = `${await temporaryFolder(t)}/login`;
  const clock = new ManualClock();
  const logins = await Logins.open(folder, clock);
  t.after(() => logins.close());
  return { folder, clock, logins };
}

suite('who asks', { skip: process.platform === 'win32' }, () => {
  test('is who owns the folder that was named; this user and root are administrators', async (t) => {
    const { logins } = await world(t);
    const path = logins.challenge();
    await mkdir(path, { mode: 0o700 });
    const token = await logins.answer(path);
    assert.deepEqual(logins.callerOf(token), { name: `uid ${process.getuid?.()}`, isAdmin: true });
    assert.equal(logins.callerOf('x'.repeat(64)), undefined);
    await assert.rejects(logins.answer(path), { code: 'NotYours' }, 'once only');
  });

  test('another user is none', { skip: !isRoot }, async (t) => {
    const { logins } = await world(t);
    const path = logins.challenge();
    await mkdir(path, { mode: 0o700 });
    await chown(path, 12_345, 12_345);
    const caller = logins.callerOf(await logins.answer(path));
    assert.deepEqual(caller, { name: 'uid 12345', isAdmin: false });
  });

  test('a folder of a file system that a user mounted there proves nothing', () => {
    const stats = { isDirectory: () => true, mode: 0o40_700, uid: 0, dev: 7 };
    assert.equal(ownerOf(stats, 7), 0);
    assert.equal(ownerOf(stats, 8), undefined);
  });

  test('who logs in often takes nobody else’s place', { skip: !isRoot }, async (t) => {
    const { logins } = await world(t);
    const token = async (uid: number) => {
      const path = logins.challenge();
      await mkdir(path, { mode: 0o700 });
      await chown(path, uid, uid);
      return logins.answer(path);
    };
    const mine = await token(12_345);
    const first = await token(12_346);
    for (let i = 0; i < 500; i++) await token(12_346);
    assert.equal(logins.callerOf(first), undefined);
    assert.equal(logins.callerOf(mine)?.name, 'uid 12345');
  });

  test('who asks for a name without an end keeps nobody from logging in', async (t) => {
    const { logins } = await world(t);
    const path = logins.challenge();
    for (let i = 0; i < 20_000; i++) logins.challenge();
    await mkdir(path, { mode: 0o700 });
    assert.ok(logins.callerOf(await logins.answer(path)));
  });

  test('nothing else proves it', async (t) => {
    const { folder, clock, logins } = await world(t);
    const wrong = async (make: (path: string) => Promise<unknown>) => {
      const path = logins.challenge();
      await make(path);
      await assert.rejects(logins.answer(path), { code: 'NotYours' });
    };
    await wrong(async () => {});
    await wrong((path) => writeFile(path, '', { mode: 0o700 }));
    await wrong((path) => symlink(folder, path));
    await wrong(async (path) => {
      await mkdir(path);
      await chmod(path, 0o755);
    });
    await mkdir(`${folder}/mine`, { mode: 0o700 });
    await assert.rejects(logins.answer(`${folder}/mine`), { code: 'NotYours' });
    await assert.rejects(logins.answer('/'), { code: 'NotYours' });
    const late = logins.challenge();
    await mkdir(late, { mode: 0o700 });
    clock.advance(30_000);
    await assert.rejects(logins.answer(late), { code: 'NotYours' });
    const forged = `${logins.challenge().slice(0, -1)}_`;
    await mkdir(forged, { mode: 0o700 });
    await assert.rejects(logins.answer(forged), { code: 'NotYours' });
  });
});
