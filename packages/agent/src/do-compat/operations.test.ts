import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import {
  content,
  type DoWorld,
  doWorld,
  started,
  statusWhen,
} from './testing/do-world.test-kit.ts';

const notSet = [404, 'NotFound', -2147023728];
const refusal = (code: number) => [400, 'BadRequest', code];
const invalidState = refusal(-2133843949);
const unknownProperty = refusal(-2133843951);
const half = 1_048_576;
const is = (state: string) => (s: Record<string, string>) => s.Status === state;

/** A download that has some of its bytes and gets no more until `w.source.limit` is raised. */
async function transferring(w: DoWorld): Promise<string> {
  w.source.limit = half;
  const Id = await started(w.client, w.source.url(), w.device.path('out'));
  await w.source.limitReached;
  return Id;
}

async function transferred(w: DoWorld): Promise<string> {
  const Id = await started(w.client, w.source.url(), w.device.path('out'));
  await statusWhen(w.client, Id, is('Transferred'));
  return Id;
}

suite('create (do-client-contract.md §3)', () => {
  test('takes anything for a path, and nothing at all', async () => {
    await using w = await doWorld();
    await w.client.ok('POST', 'create');
    await w.client.ok('POST', 'create', { Uri: '', DownloadFilePath: '' });
    const one = await w.client.ok('POST', 'create', { Uri: 'http://h/f', DownloadFilePath: 'x' });
    const two = await w.client.ok('POST', 'create', { Uri: 'http://h/f', DownloadFilePath: 'x' });
    assert.notEqual(one.Id, two.Id);
    assert.deepEqual(await w.client.ok('GET', 'getstatus', { Id: one.Id! }), {
      Status: 'Created',
      BytesTotal: '0',
      BytesTransferred: '0',
      ErrorCode: '0',
      ExtendedErrorCode: '0',
    });
  });

  test('takes http and https with a host only', async () => {
    await using w = await doWorld();
    for (const Uri of ['HTTP://h', 'hTTps://u:p@h:1/p?q=1#f', 'http://[::1]/', 'http://h:99999/']) {
      await w.client.ok('POST', 'create', { Uri });
    }
    for (const Uri of [
      'x',
      'ftp://h/f',
      'http://',
      'http:///f',
      'http://h/a b',
      'http://h/ä',
      'http://h/<',
    ]) {
      assert.deepEqual(await w.client.fails('POST', 'create', { Uri }), refusal(-2146697214), Uri);
    }
  });
});

suite('start (do-client-contract.md §3, §4)', () => {
  test('says at once what is missing, and may be called again', async () => {
    await using w = await doWorld();
    const create = async (query: Record<string, string>) =>
      (await w.client.ok('POST', 'create', query)).Id!;
    const out = w.device.path('out');
    const noUri = await create({ DownloadFilePath: out });
    assert.deepEqual(await w.client.fails('POST', 'start', { Id: noUri }), refusal(-2133843456));
    const noPath = await create({ Uri: w.source.url() });
    assert.deepEqual(await w.client.fails('POST', 'start', { Id: noPath }), refusal(-2133843944));
    assert.equal(existsSync(out), false);
    const file = async (path: string) => {
      const Id = await create({ Uri: w.source.url(), DownloadFilePath: path });
      const failed = await w.client.fails('POST', 'start', { Id });
      assert.equal((await w.client.ok('GET', 'getstatus', { Id })).Status, 'Created');
      return failed;
    };
    assert.deepEqual(await file(w.device.path('none/out')), refusal(-1060110334), 'ENOENT');
    assert.deepEqual(await file(`${w.device.folder}/${'x'.repeat(300)}`), refusal(-1060110300));
    await writeFile(out, 'mine');
    assert.deepEqual(await file(out), refusal(-1060110319), 'EEXIST');
    assert.equal(await readFile(out, 'utf8'), 'mine');
    // The agent's own folder is no place for what any user of the device asks for.
    assert.deepEqual(await file(w.device.path('data/jobs.json')), refusal(-2147024809));
    const Id = await create({ Uri: w.source.url(), DownloadFilePath: out });
    await w.client.fails('POST', 'start', { Id });
    await rm(out);
    await w.client.ok('POST', 'start', { Id });
    await statusWhen(w.client, Id, is('Transferred'));
  });

  test('makes the file before it answers', async () => {
    await using w = await doWorld();
    w.source.limit = 0;
    const path = w.device.path('out');
    await started(w.client, w.source.url(), path);
    const { size, mode } = await stat(path);
    assert.deepEqual([size, mode & 0o777], [0, 0o664 & ~process.umask()]);
  });

  test('brings the whole file; again, it does nothing', async () => {
    await using w = await doWorld();
    const Id = await transferring(w);
    await w.client.ok('POST', 'start', { Id });
    const running = await w.client.ok('GET', 'getstatus', { Id });
    assert.equal(running.Status, 'Transferring');
    w.source.limit = Number.POSITIVE_INFINITY;
    const over = await statusWhen(w.client, Id, is('Transferred'));
    const size = String(content.length);
    assert.deepEqual(over, {
      Status: 'Transferred',
      BytesTotal: size,
      BytesTransferred: size,
      ErrorCode: '0',
      ExtendedErrorCode: '0',
    });
    assert.ok((await w.device.read()).equals(content));
    await w.client.ok('POST', 'start', { Id });
    await w.client.ok('POST', 'pause', { Id });
    assert.equal((await w.client.ok('GET', 'getstatus', { Id })).Status, 'Transferred');
  });
});

suite('pause and resume (do-client-contract.md §4)', () => {
  test('a paused download shows no error, and goes on where it was', async () => {
    await using w = await doWorld();
    const Id = await transferring(w);
    const { BytesTotal } = await statusWhen(w.client, Id, (s) => s.BytesTotal !== '0');
    await w.client.ok('POST', 'pause', { Id });
    const paused = await w.client.ok('GET', 'getstatus', { Id });
    const { Status, ErrorCode, ExtendedErrorCode } = paused;
    assert.deepEqual([Status, ErrorCode, ExtendedErrorCode], ['Paused', '0', '0']);
    assert.deepEqual([paused.BytesTotal, BytesTotal], [String(content.length), BytesTotal]);
    await w.client.ok('POST', 'pause', { Id });
    w.source.limit = Number.POSITIVE_INFINITY;
    await w.client.ok('POST', 'start', { Id });
    await statusWhen(w.client, Id, is('Transferred'));
    assert.ok((await w.device.read()).equals(content));
  });

  test('a resume whose file is gone fails, and the download stays paused', async () => {
    await using w = await doWorld();
    const Id = await transferring(w);
    await w.client.ok('POST', 'pause', { Id });
    await w.device.remove();
    assert.deepEqual(await w.client.fails('POST', 'start', { Id }), refusal(-1060110334));
    assert.equal((await w.client.ok('GET', 'getstatus', { Id })).Status, 'Paused');
  });

  test('before the start, a pause does nothing', async () => {
    await using w = await doWorld();
    const { Id = '' } = await w.client.ok('POST', 'create');
    await w.client.ok('POST', 'pause', { Id });
    assert.equal((await w.client.ok('GET', 'getstatus', { Id })).Status, 'Created');
  });
});

suite('finalize and abort (do-client-contract.md §4)', () => {
  test('only what is transferred can be finalized, and is gone then; the file stays', async () => {
    await using w = await doWorld();
    const { Id: created = '' } = await w.client.ok('POST', 'create');
    assert.deepEqual(await w.client.fails('POST', 'finalize', { Id: created }), invalidState);
    const Id = await transferring(w);
    assert.deepEqual(await w.client.fails('POST', 'finalize', { Id }), invalidState);
    await w.client.ok('POST', 'pause', { Id });
    assert.deepEqual(await w.client.fails('POST', 'finalize', { Id }), invalidState);
    w.source.limit = Number.POSITIVE_INFINITY;
    await w.client.ok('POST', 'start', { Id });
    await statusWhen(w.client, Id, is('Transferred'));
    await w.client.ok('POST', 'finalize', { Id });
    assert.ok((await w.device.read()).equals(content));
    for (const method of ['start', 'pause', 'finalize', 'abort'] as const) {
      assert.deepEqual(await w.client.fails('POST', method, { Id }), notSet, method);
    }
    assert.deepEqual(await w.client.fails('GET', 'getstatus', { Id }), notSet);
  });

  for (const [state, make] of Object.entries({
    transferring,
    paused: async (w: DoWorld) => {
      const Id = await transferring(w);
      await w.client.ok('POST', 'pause', { Id });
      return Id;
    },
    transferred,
  })) {
    test(`an abort of what is ${state} deletes its file`, async () => {
      await using w = await doWorld();
      const Id = await make(w);
      assert.ok(existsSync(w.device.path('out')));
      await w.client.ok('POST', 'abort', { Id });
      assert.equal(existsSync(w.device.path('out')), false);
      assert.deepEqual(await w.client.fails('POST', 'abort', { Id }), notSet);
    });
  }

  test('an abort deletes no file that is not its own', async () => {
    await using w = await doWorld();
    const out = w.device.path('out');
    await writeFile(out, 'mine');
    const create = { Uri: w.source.url(), DownloadFilePath: out };
    const { Id = '' } = await w.client.ok('POST', 'create', create);
    await w.client.fails('POST', 'start', { Id });
    await w.client.ok('POST', 'abort', { Id });
    assert.equal(await readFile(out, 'utf8'), 'mine');
    await rm(out);
    const replaced = await transferring(w);
    await w.client.ok('POST', 'pause', { Id: replaced });
    await rm(out);
    await writeFile(w.device.path('data-other'), '');
    await writeFile(out, 'another');
    await w.client.ok('POST', 'abort', { Id: replaced });
    assert.equal(await readFile(out, 'utf8'), 'another');
  });
});

suite('properties and enumeration (do-client-contract.md §3)', () => {
  test('getproperty gives what was set, under the name as it was asked for', async () => {
    await using w = await doWorld();
    const create = { Uri: 'http://h/a?b=c&d', DownloadFilePath: '/tmp/ü "x"' };
    const { Id = '' } = await w.client.ok('POST', 'create', create);
    const get = (PropertyKey: string) => w.client.ok('GET', 'getproperty', { Id, PropertyKey });
    assert.deepEqual(await get('uRI'), { uRI: 'http://h/a?b=c&d' });
    assert.deepEqual(await get('DownloadFilePath'), { DownloadFilePath: '/tmp/ü "x"' });
    assert.deepEqual(await get('Id'), { Id });
    assert.deepEqual(await get('NoProgressTimeoutSeconds'), { NoProgressTimeoutSeconds: '0' });
    const fails = (query: Record<string, string>) => w.client.fails('GET', 'getproperty', query);
    assert.deepEqual(await fails({ Id }), refusal(-2147024809));
    assert.deepEqual(await fails({ Id, PropertyKey: '' }), refusal(-2147024809));
    assert.deepEqual(await fails({ Id: 'x', PropertyKey: 'Other' }), unknownProperty);
    assert.deepEqual(await fails({ Id, PropertyKey: 'PropertyKey' }), unknownProperty);
    assert.deepEqual(await fails({ Id: 'x', PropertyKey: 'Uri' }), notSet);
  });

  test('setproperty is as dead as there', async () => {
    await using w = await doWorld();
    const { Id = '' } = await w.client.ok('POST', 'create');
    const set = (query: Record<string, string>) => w.client.fails('POST', 'setproperty', query);
    assert.deepEqual(await set({ Id, Uri: 'http://h/' }), refusal(-2133843950));
    assert.deepEqual(await set({ Uri: 'http://h/' }), notSet);
    assert.deepEqual(await set({ PropertyKey: 'Uri' }), unknownProperty);
    assert.equal((await w.client.call('POST', 'setproperty')).body, '{}\n');
  });

  test('enumerate is not implemented', async () => {
    await using w = await doWorld();
    assert.deepEqual(await w.client.fails('GET', 'enumerate'), refusal(-2147467263));
    assert.deepEqual(await w.client.fails('GET', 'enumerate', { Uri: 'x' }), refusal(-2147467263));
  });

  test('who has no id is told so, by every operation that needs one', async () => {
    await using w = await doWorld();
    for (const method of ['start', 'pause', 'finalize', 'abort']) {
      for (const query of [{}, { Id: '' }, { Id: 'x' }] as Record<string, string>[]) {
        assert.deepEqual(await w.client.fails('POST', method, query), notSet);
      }
    }
  });
});

suite('files of others', () => {
  test('a folder that may not be written is told by its errno', {
    skip: process.getuid?.() === 0,
  }, async () => {
    await using w = await doWorld();
    const folder = w.device.path('locked');
    await mkdir(folder);
    await chmod(folder, 0o500);
    const create = { Uri: w.source.url(), DownloadFilePath: `${folder}/f` };
    const { Id = '' } = await w.client.ok('POST', 'create', create);
    assert.deepEqual(await w.client.fails('POST', 'start', { Id }), refusal(-1060110323));
  });
});
