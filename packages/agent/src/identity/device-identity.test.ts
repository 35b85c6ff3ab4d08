import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { temporaryFolder } from '../store/store-fixture.ts';
import { deviceIdentity } from './device-identity.ts';

suite('the peer id of a device', () => {
  test('is made once, from a GUID, and stays', async (t) => {
    const folder = await temporaryFolder(t);
    const id = await deviceIdentity(join(folder, 'new'));
    assert.match(id, /^[0-9a-f]{32}0{8}$/);
    assert.equal(await deviceIdentity(join(folder, 'new')), id);
    assert.notEqual(await deviceIdentity(folder), id);
  });

  test('is made anew when its file is damaged', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'device-id'), 'garbage');
    const id = await deviceIdentity(folder);
    assert.equal(await readFile(join(folder, 'device-id'), 'utf8'), `${id}\n`);
  });

  test('a disk that refuses is told', async (t) => {
    const folder = await temporaryFolder(t);
    await mkdir(join(folder, 'device-id'));
    await assert.rejects(deviceIdentity(folder), { name: 'SluiceError', exitCode: 6 });
  });
});
