import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { temporaryFolder } from '../store/store-fixture.ts';
import type { Job } from './job.ts';
import { JobStore } from './job-store.ts';

const logger = pino({ level: 'silent' });
const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const job = (n: number, more: Partial<Job> = {}): Job => ({
  Id: id(n),
  Request: { Url: 'http://source/f', Output: '/tmp/f' },
  Delivered: false,
  ...more,
});

async function world(t: TestContext) {
  const dataDir = await temporaryFolder(t);
  return { dataDir, folder: join(dataDir, 'jobs'), store: new JobStore(dataDir, logger) };
}

suite('jobs on disk', () => {
  test('are there after a restart, as they were put last', async (t) => {
    const { dataDir, store } = await world(t);
    assert.deepEqual(await store.all(), []);
    const Trusted = { HashOfHashes: `${'A'.repeat(43)}=`, ContentId: 'DO-x' };
    await store.put(job(1));
    await store.put(job(2));
    await store.put(job(1, { Delivered: true, Trusted }));
    const again = await new JobStore(dataDir, logger).all();
    assert.deepEqual(
      again.sort((a, b) => a.Id.localeCompare(b.Id)),
      [job(1, { Delivered: true, Trusted }), job(2)],
    );
    await store.remove(id(1));
    await store.remove(id(1));
    assert.deepEqual(await store.all(), [job(2)]);
  });

  test('what is asked of one job is done in that order', async (t) => {
    const { store } = await world(t);
    const asked: Promise<void>[] = [];
    for (let i = 0; i < 20; i++) {
      asked.push(store.put(job(1)), store.remove(id(1)), store.put(job(2)));
    }
    await store.settled();
    assert.deepEqual(await store.all(), [job(2)]);
    await Promise.all(asked);
  });

  test('damaged and foreign files are left out, the others are not', async (t) => {
    const { folder, store } = await world(t);
    await store.put(job(1));
    const files: Record<string, string> = {
      [`${id(2)}.json`]: '{',
      [`${id(3)}.json`]: JSON.stringify({ ...job(3), More: 1 }),
      [`${id(4)}.json`]: JSON.stringify(job(5)),
      [`${id(6)}.json`]: JSON.stringify({ ...job(6), Request: { Url: 'file:///x' } }),
      [`${id(7)}.json`]: ' '.repeat(300_000),
      'x.json': JSON.stringify({ ...job(1), Id: '../../x' }),
      [`${id(8)}.json.tmp`]: JSON.stringify(job(8)),
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    await mkdir(join(folder, `${id(9)}.json`));
    assert.deepEqual(await store.all(), [job(1)]);
  });

  test('what a killed process was writing goes, and nothing else', async (t) => {
    const { folder, store } = await world(t);
    await store.put(job(1));
    await writeFile(join(folder, `${id(1)}.json.0123456789ab`), '{');
    await writeFile(join(folder, 'mine.json.bak'), '{');
    assert.deepEqual(await store.all(), [job(1)]);
    assert.deepEqual((await readdir(folder)).sort(), [`${id(1)}.json`, 'mine.json.bak']);
  });

  test('a disk that refuses is told, and does not stop what comes after', async (t) => {
    const { dataDir, folder, store } = await world(t);
    await writeFile(folder, '');
    await assert.rejects(store.put(job(1)), { code: 'DiskUnwritable' });
    await assert.rejects(store.all(), { code: 'DiskUnwritable' });
    const { rm } = await import('node:fs/promises');
    await rm(folder);
    await store.put(job(1));
    assert.deepEqual(await readdir(dataDir), ['jobs']);
  });
});
