import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Device } from '../testing/device.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';
import { bytes, is, life, until } from './jobs-world.test-kit.ts';

const refused = (status: number, pattern: RegExp) => ({
  code: 'ServiceRefused',
  message: new RegExp(`${status} .*${pattern.source}`),
});

test('headers go to the source, over a restart, too; those that may be secrets are not shown', async () => {
  const source = await MisbehavingSource.start(bytes);
  await using _source = source;
  await using device = await Device.create();
  const seen: (string | undefined)[][] = [];
  source.misbehave = ({ headers }) => {
    seen.push([headers['x-a'] as string, headers['x-b'] as string, headers.authorization]);
    return undefined;
  };
  const properties = {
    Uri: source.url(),
    LocalPath: device.path('out'),
    HttpCustomHeaders: 'X-A: 1\r\nX-B:2 : 3\r\n',
    HttpCustomAuthHeaders: 'Authorization: Bearer x',
  };
  let Id = '';
  {
    await using w = await life(device, source);
    const { jobs } = w.client;
    ({ Id } = await jobs.create(properties));
    const lines = { HttpCustomHeaders: 'no header' };
    await assert.rejects(jobs.set(Id, lines), refused(400, /HttpCustomHeaders cannot be/));
    for (const line of ['Host: x', 'Range: bytes=0-1', 'X-A: \u0000']) {
      await assert.rejects(jobs.set(Id, { HttpCustomAuthHeaders: line }), refused(400, /./));
    }
    await assert.rejects(jobs.property(Id, 'HttpCustomAuthHeaders'), refused(400, /80D02015/));
    assert.equal(await jobs.property(Id, 'HttpCustomHeaders'), properties.HttpCustomHeaders);
    assert.doesNotMatch(JSON.stringify(await jobs.status(Id)), /Bearer/);
  }
  await using w = await life(device, source);
  await w.client.jobs.start(Id);
  await until(w, Id, is('Transferred'));
  assert.ok(seen.length > 0);
  for (const headers of seen) assert.deepEqual(headers, ['1', '2 : 3', 'Bearer x']);
});
