import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';
import { ask, bytes, is, life, until, world } from './jobs-world.test-kit.ts';

const hashOfHashes = phfOf(bytes).hashOfHashes;
const refused = (status: number, pattern: RegExp) => (error: Error & { params?: object }) => {
  assert.equal((error as { code?: string }).code, 'ServiceRefused');
  assert.match(error.message, new RegExp(`${status} .*${pattern.source}`));
  return true;
};

suite('jobs over the agent’s API', () => {
  test('create, start, pause, resume, finalize', async () => {
    await using w = await world();
    const { jobs } = w.client;
    w.source.limit = mib;
    const out = w.device.path('out');
    const { Id, State } = await jobs.create({ Uri: w.source.url(), LocalPath: out });
    assert.equal(State, 'Created');
    await assert.rejects(jobs.finalize(Id), refused(409, /Created cannot be finalized/));
    assert.equal((await jobs.start(Id)).State, 'Transferring');
    await w.source.limitReached;
    await until(w, Id, (s) => s.BytesTotal === bytes.length);
    const paused = await jobs.pause(Id);
    assert.deepEqual([paused.State, paused.Error, paused.DownloadId], ['Paused', null, null]);
    w.source.limit = Number.POSITIVE_INFINITY;
    await jobs.resume(Id);
    const over = await until(w, Id, is('Transferred'));
    assert.deepEqual([over.BytesTotal, over.BytesTransferred], [bytes.length, bytes.length]);
    assert.ok((await w.device.read()).equals(bytes));
    assert.equal((await jobs.finalize(Id)).State, 'Finalized');
    await assert.rejects(jobs.status(Id), refused(404, /no job/));
    assert.deepEqual(await readdir(w.device.path('data/caller-jobs')), []);
  });

  test('an abort deletes the file that the job made, and none that was there before', async () => {
    await using w = await world();
    const { jobs } = w.client;
    for (const [name, isKept] of [
      ['new', false],
      ['old', true],
    ] as const) {
      const LocalPath = w.device.path(name);
      if (isKept) await writeFile(LocalPath, 'an older file');
      const { Id } = await jobs.create({ Uri: w.source.url(), LocalPath });
      await jobs.start(Id);
      await until(w, Id, is('Transferred'));
      assert.equal((await jobs.abort(Id)).State, 'Aborted');
      assert.equal(existsSync(LocalPath), isKept);
    }
  });

  test('are listed by what they are', async () => {
    await using w = await world();
    const { jobs } = w.client;
    const one = await jobs.create({ Uri: 'http://h/1', DisplayName: 'a b&c' });
    const two = await jobs.create({ Uri: 'http://h/2', LocalPath: '/tmp/x' });
    const ids = async (filter?: object) => (await jobs.list(filter)).map(({ Id }) => Id);
    assert.deepEqual(await ids(), [one.Id, two.Id]);
    assert.deepEqual(await ids({ DisplayName: 'a b&c' }), [one.Id]);
    assert.deepEqual(await ids({ Uri: 'http://h/2', LocalPath: '/tmp/x' }), [two.Id]);
    assert.deepEqual(await ids({ Id: one.Id }), [one.Id]);
    assert.deepEqual(await ids({ ContentId: 'none' }), []);
    await assert.rejects(jobs.list({ Other: 'x' } as object), refused(400, /./));
  });

  test('errors have DO’s codes', async () => {
    await using w = await world();
    const code = async (method: string, path: string, body?: object) => {
      const { status, json } = await ask(w.address, method, path, body);
      return [status, json.Code, (json.HResult as number)?.toString(16)];
    };
    const { Id } = await w.client.jobs.create({});
    const job = `/v1/jobs/${Id}`;
    const properties = `${job}/properties`;
    assert.deepEqual(await code('GET', '/v1/jobs/x'), [404, 'JobUnknown', '80d02003']);
    assert.deepEqual(await code('POST', `${job}/start`), [409, 'JobNoUri', '80d02200']);
    const Uri = w.source.url();
    await ask(w.address, 'PATCH', properties, { Uri });
    assert.deepEqual(await code('POST', `${job}/start`), [409, 'JobNoSink', '80d02018']);
    const LocalPath = w.device.path('none/out');
    await ask(w.address, 'PATCH', properties, { LocalPath });
    const set = (body: object) => code('PATCH', properties, body);
    assert.deepEqual(await set({ Id }), [400, 'PropertyReadOnly', '80d02012']);
    assert.deepEqual(await set({ TotalSizeBytes: 1 }), [400, 'PropertyReadOnly', '80d02012']);
    assert.deepEqual(await set({ Other: 1 }), [400, 'PropertyUnknown', '80d02011']);
    assert.deepEqual(await set({ CostPolicy: 1 }), [400, 'PropertyUnsupported', '80070032']);
    assert.deepEqual(await set({ LocalPath: 'x' }), [400, 'PropertyInvalid', '80070057']);
    assert.deepEqual(await set({ NoProgressTimeoutSeconds: 9 }), [
      400,
      'PropertyInvalid',
      '80070057',
    ]);
    assert.deepEqual(await set({ __proto__: null, constructor: 1 }), [
      400,
      'PropertyUnknown',
      '80d02011',
    ]);
    assert.deepEqual(await code('GET', `${properties}/Other`), [
      400,
      'PropertyUnknown',
      '80d02011',
    ]);
    assert.deepEqual(await code('POST', `${job}/finalize`), [409, 'JobInvalidState', '80d02013']);
    const ranges = (...Ranges: object[]) => code('POST', `${job}/start`, { Ranges });
    assert.deepEqual(await ranges({ Offset: 0, Length: 2 }, { Offset: 1, Length: 2 }), [
      409,
      'JobRangesOverlap',
      '80d05012',
    ]);
    assert.equal((await ranges({ Offset: -1 }))[0], 400);
    // The folder is missing: told by the job, which stays as it was.
    await ask(w.address, 'POST', `${job}/start`);
    const paused = await until(w, Id, is('Paused'));
    assert.equal(paused.Error?.Code, 'TargetUnwritable');
    assert.deepEqual(await set({ LocalPath: '/tmp/x' }), [409, 'JobInvalidState', '80d02013']);
    assert.deepEqual(await ranges({ Offset: 0 }), [409, 'JobRangesUnexpected', '80d02203']);
  });

  test('properties are given back as they were set', async () => {
    await using w = await world();
    const { jobs } = w.client;
    const { Id } = await jobs.create({ Uri: 'http://h/f', ForegroundPriority: true });
    await jobs.set(Id, { DisplayName: 'x', NoProgressTimeoutSeconds: 60 });
    const values = await Promise.all(
      ['Id', 'Uri', 'ForegroundPriority', 'DisplayName', 'LocalPath', 'TotalSizeBytes'].map(
        (name) => jobs.property(Id, name),
      ),
    );
    assert.deepEqual(values, [Id, 'http://h/f', true, 'x', null, 0]);
  });

  test('what must be verified is not taken unverified', async () => {
    await using w = await world();
    const { jobs } = w.client;
    const properties = { Uri: w.source.url(), LocalPath: w.device.path('out') };
    const { Id } = await jobs.create({ ...properties, IntegrityCheckMandatory: true });
    await jobs.start(Id);
    const paused = await until(w, Id, is('Paused'));
    assert.equal(paused.Error?.HResult, 0x80d02016);
    await jobs.set(Id, { HashOfHashes: hashOfHashes, IntegrityCheckMandatory: false });
    await jobs.resume(Id);
    await until(w, Id, is('Transferred'));
  });

  test('parts of a file come to their places, and more of them later', async () => {
    await using w = await world();
    const { jobs } = w.client;
    const LocalPath = w.device.path('out');
    const { Id } = await jobs.create({ Uri: w.source.url(), LocalPath });
    await jobs.start(Id, [{ Offset: 2 * mib + 5 }, { Offset: 100, Length: 50 }]);
    const first = await until(w, Id, is('Transferred'));
    assert.equal(first.BytesTotal, mib - 5 + 50);
    const expected = Buffer.alloc(bytes.length);
    bytes.copy(expected, 100, 100, 150);
    bytes.copy(expected, 2 * mib + 5, 2 * mib + 5);
    assert.ok((await w.device.read()).equals(expected));
    await jobs.start(Id, [{ Offset: 1_000, Length: mib }]);
    const second = await until(w, Id, is('Transferred'));
    assert.equal(second.BytesTotal, 2 * mib + 45);
    bytes.copy(expected, 1_000, 1_000, 1_000 + mib);
    assert.ok((await w.device.read()).equals(expected));
    await jobs.start(Id, [{ Offset: 4 * mib, Length: 1 }]);
    const beyond = await until(w, Id, is('Paused'));
    assert.equal(beyond.Error?.HResult, 0x80d05010);
    await jobs.abort(Id);
    assert.equal(existsSync(LocalPath), false);
  });

  test('a source without ranges has no parts to give', async () => {
    await using w = await world();
    const { jobs } = w.client;
    w.source.misbehave = () => ({ noRanges: true });
    const { Id } = await jobs.create({ Uri: w.source.url(), LocalPath: w.device.path('out') });
    await jobs.start(Id, [{ Offset: 1, Length: 1 }]);
    assert.equal((await until(w, Id, is('Paused'))).Error?.HResult, 0x80d05011);
  });

  test('are taken up after a restart, each as it was', async () => {
    await using source = await MisbehavingSource.start(bytes);
    await using device = await Device.create();
    const ids: Record<string, string> = {};
    {
      await using w = await life(device, source);
      const { jobs } = w.client;
      const make = async (name: string, start: boolean) => {
        const LocalPath = device.path(name);
        ids[name] = (await jobs.create({ Uri: source.url(`/${name}`), LocalPath })).Id;
        source.objects.set(`/${name}`, { content: bytes, etag: '"1"' });
        if (start) await jobs.start(ids[name]);
      };
      await make('created', false);
      await make('done', true);
      await until(w, ids.done!, is('Transferred'));
      source.limit = source.bytesSent + mib;
      await make('paused', true);
      await jobs.pause(ids.paused!);
      await make('running', true);
      await source.limitReached;
    }
    source.limit = Number.POSITIVE_INFINITY;
    await using w = await life(device, source);
    await until(w, ids.running!, is('Transferred'));
    const states = (await w.client.jobs.list()).map(({ Id, State }) => [Id, State]).sort();
    const expected = {
      created: 'Created',
      done: 'Transferred',
      paused: 'Paused',
      running: 'Transferred',
    };
    assert.deepEqual(
      states,
      Object.entries(expected)
        .map(([n, s]) => [ids[n], s])
        .sort(),
    );
    await w.client.jobs.resume(ids.paused!);
    await until(w, ids.paused!, is('Transferred'));
    assert.ok((await device.read('paused')).equals(bytes));
    assert.ok((await device.read('running')).equals(bytes));
    await w.client.jobs.abort(ids.done!);
    assert.equal(existsSync(device.path('done')), false, 'it still knows its own file');
  });

  test('the document of the API names all of it, by the schemas that are checked', async () => {
    await using w = await world();
    const { json } = await ask(w.address, 'GET', '/v1/openapi.json');
    const paths = json.paths as Record<string, Record<string, { requestBody?: object }>>;
    assert.equal(json.openapi, '3.1.0');
    const all = Object.entries(paths).flatMap(([path, each]) =>
      Object.keys(each).map((method) => `${method} ${path}`),
    );
    assert.deepEqual(all.sort(), [
      'delete /v1/downloads/{id}',
      'get /v1/cache',
      'get /v1/cache/verify',
      'get /v1/doctor',
      'get /v1/downloads/{id}',
      'get /v1/downloads/{id}/events',
      'get /v1/downloads/{id}/why',
      'get /v1/jobs',
      'get /v1/jobs/{id}',
      'get /v1/jobs/{id}/events',
      'get /v1/jobs/{id}/properties/{name}',
      'get /v1/openapi.json',
      'get /v1/peers',
      'get /v1/perfsnap',
      'get /v1/perfsnap/month',
      'get /v1/settings',
      'get /v1/status',
      'patch /v1/downloads/{id}',
      'patch /v1/jobs/{id}/properties',
      'patch /v1/settings',
      'post /v1/cache/delete',
      'post /v1/cache/expire',
      'post /v1/cache/pin',
      'post /v1/cache/verify',
      'post /v1/downloads',
      'post /v1/jobs',
      'post /v1/jobs/{id}/abort',
      'post /v1/jobs/{id}/finalize',
      'post /v1/jobs/{id}/pause',
      'post /v1/jobs/{id}/resume',
      'post /v1/jobs/{id}/start',
      'post /v1/settings/reload',
    ]);
    const text = JSON.stringify(paths['/v1/jobs']?.post?.requestBody);
    assert.match(text, /"NoProgressTimeoutSeconds":\{"type":"integer","minimum":10/);
  });
});

test('properties are a JSON object, or none are given', async () => {
  await using w = await world();
  for (const body of [[], ['Uri']]) {
    const { status, json } = await ask(w.address, 'POST', '/v1/jobs', body);
    assert.deepEqual([status, json.Code], [400, 'InvalidArgument']);
  }
  assert.equal((await ask(w.address, 'POST', '/v1/jobs')).status, 201);
});
