import assert from 'node:assert/strict';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { startCloud, temporaryDir } from '../../cloud.test-support.ts';
import { adminTokenCheck, checkAdminToken, loadAdminToken } from './admin-token.ts';

const posix = process.platform === 'win32' ? 'no modes on Windows' : false;

test('made once, kept for its owner alone', { skip: posix }, async (t) => {
  const file = join(await temporaryDir(t), 'admin-token');
  const token = await loadAdminToken(file);
  assert.match(token, /^[\w-]{43}$/);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  await chmod(file, 0o644);
  assert.equal(await loadAdminToken(file), token);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
});

test('a token file without a usable token is an error, not an open door', async (t) => {
  const file = join(await temporaryDir(t), 'admin-token');
  for (const text of ['', '\n', 'short', 'two words which are long enough']) {
    await writeFile(file, text);
    await assert.rejects(loadAdminToken(file), (e) => isSluiceError(e, 'DataDirUnusable'));
    assert.equal(await readFile(file, 'utf8'), text);
  }
  assert.throws(
    () => checkAdminToken('short'),
    (e) => isSluiceError(e, 'InvalidArgument'),
  );
});

test('only the very token, as Bearer', () => {
  const token = 'abcdefghijklmnopqrst';
  const authorized = adminTokenCheck(token);
  for (const good of [`Bearer ${token}`, `bearer  ${token} `]) assert.ok(authorized(good), good);
  for (const bad of [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    token,
    `Basic ${token}`,
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    `Bearer ${token.toUpperCase()}`,
    `Bearer ${token} ${token}`,
  ]) {
    assert.ok(!authorized(bad), bad);
  }
});

test('a given token is used, and no file written', async (t) => {
  const { ask, cloud } = await startCloud(t, { adminToken: 'given-admin-token' });
  const headers = { authorization: 'Bearer given-admin-token' };
  assert.equal((await ask('/admin/content', { headers })).status, 200);
  await assert.rejects(stat(cloud.adminTokenFile));
});
