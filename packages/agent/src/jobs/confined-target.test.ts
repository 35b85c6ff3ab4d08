import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import {
  content,
  type DoWorld,
  doWorld,
  started,
  statusWhen,
} from '../do-compat/testing/do-world.test-kit.ts';

const is = (state: string) => (s: Record<string, string>) => s.Status === state;
const errno = (number: number) => 0xc0d00000 + number - 2 ** 32;

/** A download that waits for the source after its first bytes. */
async function halfWay(w: DoWorld, path: string): Promise<string> {
  w.source.limit = 1_048_576;
  const Id = await started(w.client, w.source.url(), path);
  await w.source.limitReached;
  return Id;
}

suite('a file that is made for somebody with less rights than the agent', () => {
  test('is not made in the agent’s own folder, by no link and no detour', async () => {
    await using w = await doWorld();
    const data = w.device.path('data');
    const before = await readdir(data);
    await symlink(data, w.device.path('link'));
    for (const path of [
      `${w.device.path('link')}/x`,
      `${w.device.path('no')}/../data/x`,
      `${data}/./x`,
    ]) {
      const { Id = '' } = await w.client.ok('POST', 'create', {
        Uri: w.source.url(),
        DownloadFilePath: path,
      });
      const [status] = await w.client.fails('POST', 'start', { Id });
      assert.equal(status, 400, path);
    }
    assert.deepEqual(await readdir(data), before);
  });

  test('a pipe in its place does not hold up the agent', async () => {
    await using w = await doWorld();
    const out = w.device.path('out');
    const Id = await halfWay(w, out);
    await w.client.ok('POST', 'pause', { Id });
    await rm(out);
    execFileSync('/usr/bin/mkfifo', [out]);
    assert.deepEqual(await w.client.fails('POST', 'start', { Id }), [400, 'BadRequest', errno(17)]);
  });

  test('a link in its place is neither followed nor replaced', async () => {
    await using w = await doWorld();
    const [out, prey] = [w.device.path('out'), w.device.path('prey')];
    await writeFile(prey, 'mine');
    const Id = await halfWay(w, out);
    await rm(out);
    await symlink(prey, out);
    w.source.limit = Number.POSITIVE_INFINITY;
    const { ErrorCode } = await statusWhen(w.client, Id, is('Paused'));
    assert.equal(ErrorCode, String(errno(17)));
    assert.equal(await readFile(prey, 'utf8'), 'mine');
    await w.client.ok('POST', 'abort', { Id });
    assert.equal(await readFile(out, 'utf8'), 'mine');
  });

  test('its folder in other hands: a link there leads nowhere else', async () => {
    await using w = await doWorld();
    const [folder, prey] = [w.device.path('folder'), w.device.path('data')];
    await mkdir(folder);
    const Id = await halfWay(w, `${folder}/settings.json`);
    await rename(folder, `${folder}-2`);
    await symlink(prey, folder);
    w.source.limit = Number.POSITIVE_INFINITY;
    await statusWhen(w.client, Id, is('Paused'));
    assert.equal((await readdir(prey)).includes('settings.json'), false);
  });

  test('and it comes whole where nobody meddles, an own folder or not', async () => {
    await using w = await doWorld();
    await symlink(w.device.folder, w.device.path('here'));
    const Id = await started(w.client, w.source.url(), `${w.device.path('here')}/out`);
    await statusWhen(w.client, Id, is('Transferred'));
    assert.ok((await readFile(w.device.path('out'))).equals(content));
  });
});
