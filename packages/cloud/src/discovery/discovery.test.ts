import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { parseDiscoveryReply, parseGeoReply, parseKeyValueReply } from '@sluice/protocol/schemas';
import fc from 'fast-check';
import { startCloud, temporaryDir } from '../cloud.test-support.ts';
import { sqliteDatabase } from '../database/sqlite-database.ts';
import { ArrayInstances } from './array-instances.ts';
import { instancesFor } from './rendezvous.ts';

const keys = Array.from({ length: 100 }, (_, i) => `content ${i}`);

test('property: an instance that goes moves its own keys only, and gives each a good share', () => {
  const urls = fc.uniqueArray(fc.webUrl(), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(urls, fc.nat(), (instances, n) => {
      const gone = instances[n % instances.length]!;
      const rest = instances.filter((url) => url !== gone);
      let moved = 0;
      for (const key of keys) {
        const before = instancesFor(key, instances);
        // The order of the others is what it was, however they are listed.
        assert.deepEqual(
          instancesFor(key, rest.toReversed()),
          before.filter((url) => url !== gone),
        );
        if (before[0] === gone) moved++;
      }
      const share = keys.length / instances.length;
      assert.ok(moved > share / 4 && moved < share * 3, `${moved} of about ${share}`);
    }),
    { numRuns: 12, seed: 1 },
  );
});

test('devices of a content are sent to one of the given instances, by id or by URL', async (t) => {
  const arrayInstances = [1, 2, 3, 4].map((n) => `http://array-${n}:8080`);
  const { ask } = await startCloud(t, { arrayInstances });
  const told = async (path: string) =>
    parseDiscoveryReply((await ask(`/discovery/content${path}`)).json).map(
      (i) => i.CollectiveArray,
    );
  const found = new Set<string>();
  for (const key of keys.slice(0, 40)) {
    const [best, ...others] = await told(`/${encodeURIComponent(key)}`);
    assert.deepEqual(await told(`/${encodeURIComponent(key)}?altCatalogId=http://h/x`), [
      best,
      ...others,
    ]);
    assert.equal(others.length, 2);
    found.add(best!);
  }
  assert.deepEqual(
    [...found].sort(),
    arrayInstances.map((url) => `${url}/array/`),
  );
  const byUrl = (url: string) => told(`?altCatalogId=${encodeURIComponent(url)}`);
  assert.deepEqual(await byUrl('http://H:80/x#y'), await byUrl('http://h/x'));
  const groups = await Promise.all(
    keys.slice(0, 20).map((g) => told(`/c?groupId=${encodeURIComponent(g)}`)),
  );
  assert.ok(new Set(groups.map(([best]) => best)).size > 1);
});

test('instances that live are known by the database they share', async (t) => {
  const dir = await temporaryDir(t);
  const clocks = [new ManualClock(), new ManualClock()] as const;
  const databases = [sqliteDatabase(dir), sqliteDatabase(dir)] as const;
  const open = (n: 0 | 1) =>
    ArrayInstances.open(databases[n], { clock: clocks[n], logger: undefined });
  const [one, two] = [await open(0), await open(1)];
  await one.register('http://one');
  await two.register('http://two');
  assert.deepEqual((await two.live()).toSorted(), ['http://one', 'http://two']);
  const pass = async (ms: number, ...whose: (0 | 1)[]) => {
    for (let i = 0; i < ms; i += 2_500) {
      for (const n of whose) clocks[n].advance(2_500);
      // What a beat writes is written when both have been asked.
      await Promise.all([one.live(), two.live()]);
    }
  };
  await pass(60_000, 0, 1);
  assert.deepEqual((await two.live()).toSorted(), ['http://one', 'http://two']);
  // One hangs: its time does not pass.
  await pass(20_000, 1);
  assert.deepEqual(await two.live(), ['http://two']);
  await pass(10_000, 0, 1);
  assert.deepEqual((await two.live()).toSorted(), ['http://one', 'http://two']);
  await one.close();
  clocks[1].advance(1_000);
  assert.deepEqual(await two.live(), ['http://two']);
  await two.close();
  for (const database of databases) await database.close();
});

test('a cloud that registered sends devices to itself; services elsewhere are named', async (t) => {
  const publicUrl = 'http://me.example:8080';
  const all = await startCloud(t, { publicUrl });
  const { json } = await all.ask('/discovery/content/c');
  assert.deepEqual(json, [{ CollectiveArray: `${publicUrl}/array/` }]);

  const serviceUrls = { 'content-policy': 'http://cp', discovery: 'http://disc' };
  const some = await startCloud(t, { services: ['geo', 'key-value'], serviceUrls });
  const geo = parseGeoReply((await some.ask('/geo')).json);
  assert.equal(new URL(geo.KeyValue_EndpointFullUri).origin, some.cloud.url);
  const keyValue = parseKeyValueReply((await some.ask('/all')).json);
  assert.equal(keyValue.ContentPolicy_EndpointUri, 'http://cp');
  assert.match(keyValue.Discovery_EndpointFullUri, /^http:\/\/disc\//);
  for (const path of ['/content/c/contentpolicy', '/discovery/content/c', '/admin/content']) {
    const { status, json } = await some.admin(path);
    assert.deepEqual([status, json.Code], [404, 'NoSuchResource'], path);
  }
  assert.equal((await some.join({})).status, 404);
  assert.equal((await some.ask('/health')).status, 200);
});
