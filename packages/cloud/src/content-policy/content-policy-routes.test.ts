import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { computeHashOfHashes, formatPiecesHashFile } from '@sluice/protocol';
import {
  parseContentPolicyReply,
  parseDiscoveryReply,
  parseErrorReply,
} from '@sluice/protocol/schemas';
import fc from 'fast-check';
import { phf, startCloud } from '../cloud.test-support.ts';

test('by id, else by URL; the id counts when both are known', async (t) => {
  const { publish, ask } = await startCloud(t);
  await publish({ ContentId: 'a', Urls: ['http://h/a'] });
  await publish({ ContentId: 'b', Urls: ['http://h/b'] });
  const found = async (path: string) => (await ask(path)).json.ContentId;
  const byUrl = (url: string) => `altCatalogId=${encodeURIComponent(url)}`;
  assert.equal(await found('/content/a/contentpolicy'), 'a');
  assert.equal(await found(`/content/a/contentpolicy?${byUrl('http://h/b')}`), 'a');
  assert.equal(await found(`/content/unknown/contentpolicy?${byUrl('http://h/b')}`), 'b');
  assert.equal(await found(`/content//contentpolicy?${byUrl('HTTP://H:80/b#x')}`), 'b');
});

test('a short hash list comes along, a long one does not', async (t) => {
  const { publish, ask } = await startCloud(t);
  const policyOf = async (contentId: string) => {
    const { json } = await ask(`/content/${contentId}/contentpolicy`);
    return parseContentPolicyReply(json);
  };
  await publish({ ContentId: 'short' });
  const short = await policyOf('short');
  const { text } = await ask(new URL(short.PiecesHashFileCdnUrls[0]!).pathname);
  assert.equal(short.PiecesHashFile, text);
  for (const [count, isShort] of [
    [1024, true],
    [1025, false],
  ] as const) {
    const list = {
      majorVersion: 1 as const,
      minorVersion: 0 as const,
      contentLength: count * 1_048_576,
      pieceSize: 1_048_576,
      digests: randomBytes(32 * count),
    };
    const text = formatPiecesHashFile({ ...list, hashOfHashes: computeHashOfHashes(list) });
    assert.equal((await publish({ ContentId: `${count}`, Phf: JSON.parse(text) })).status, 201);
    assert.equal((await policyOf(`${count}`)).PiecesHashFile, isShort ? text : undefined);
  }
});

test('it says where the array is, as discovery would', async (t) => {
  const arrayInstances = [1, 2, 3, 4].map((n) => `http://array-${n}:8080`);
  const { publish, ask } = await startCloud(t, { arrayInstances });
  const told = new Set<string | undefined>();
  for (let n = 0; n < 20; n++) {
    await publish({ ContentId: `${n}` });
    const { json } = await ask(`/content/${n}/contentpolicy`);
    const [first] = parseDiscoveryReply((await ask(`/discovery/content/${n}`)).json);
    const { CollectiveArray } = parseContentPolicyReply(json);
    assert.equal(CollectiveArray, first?.CollectiveArray);
    told.add(CollectiveArray);
  }
  assert.ok(told.size > 1);
});

test('it does not where discovery is run elsewhere', async (t) => {
  const services = ['geo', 'key-value', 'content-policy', 'array', 'admin'] as const;
  const { publish, ask } = await startCloud(t, { services: [...services] });
  await publish({ ContentId: 'a' });
  const { json } = await ask('/content/a/contentpolicy');
  assert.equal(parseContentPolicyReply(json).CollectiveArray, undefined);
});

test('what nobody published is 404', async (t) => {
  const { publish, ask } = await startCloud(t);
  await publish({ ContentId: 'a', Urls: ['http://h/a'] });
  for (const path of [
    '/content/A/contentpolicy',
    '/content//contentpolicy',
    '/content/b/contentpolicy?altCatalogId=http%3A%2F%2Fh%2FA',
    '/content/b/contentpolicy?altCatalogId=not-a-url',
    '/content/b/contentpolicy?altCatalogId=',
    `/content/${encodeURIComponent("' OR '1'='1")}/contentpolicy`,
    `/content/${encodeURIComponent('a"; DROP TABLE content; --')}/contentpolicy`,
    '/content/..%2Fa/contentpolicy',
    '/content/%2E%2E/contentpolicy',
    '/content/a%2Fcontentpolicy/contentpolicy',
    '/content/b/pieceshash',
    `/content/b/contentpolicy?altCatalogId=http://h/${'x'.repeat(8_000)}`,
    `/content//contentpolicy?altCatalogId=http://h/${'x'.repeat(8_000)}`,
  ]) {
    const answer = await ask(path);
    assert.equal(answer.status, 404, path);
    assert.equal(parseErrorReply(answer.json).Code, 'ContentUnknown', path);
  }
  assert.equal((await ask('/content/a/contentpolicy')).status, 200);
});

test('policies: what the publisher set, else the defaults', async (t) => {
  const { publish, ask } = await startCloud(t);
  const Policies = { BackgroundQosBps: 5, ExpireAtSecsSinceEpoch: 2_000_000_000 };
  await publish({ ContentId: 'a', Policies });
  assert.deepEqual((await ask('/content/a/contentpolicy')).json.Policies, {
    ForegroundQosBps: 6_710_886,
    BackgroundQosBps: 5,
    MaxCacheAgeSecs: 259_200,
    ExpireAtSecsSinceEpoch: 2_000_000_000,
    DownloadToExpire: 86_400,
  });
});

test('a content whose URLs all moved away has none', async (t) => {
  const { publish, ask } = await startCloud(t);
  await publish({ ContentId: 'a' });
  await publish({ ContentId: 'b' });
  const { json } = await ask('/content/a/contentpolicy');
  assert.equal(parseContentPolicyReply(json).ContentCdnUrls, null);
});

test('property: any id survives the way through URLs and database', async (t) => {
  const { publish, ask, admin } = await startCloud(t);
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .filter((id) => !/\p{Cc}/u.test(id) && id !== '.' && id !== '..');
  const tricky = fc.constantFrom(
    '../x',
    '..%2Fx',
    '%2F',
    '%',
    '+',
    'a+b/c==',
    '?a#b',
    '\\',
    '…/',
    '💧',
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, tricky), async (ContentId) => {
      const published = await publish({ ContentId });
      assert.equal(published.status, 201, published.text);
      const encoded = encodeURIComponent(ContentId);
      const policy = (await ask(`/content/${encoded}/contentpolicy`)).json;
      assert.equal(policy.ContentId, ContentId);
      const list = await ask(new URL(policy.PiecesHashFileCdnUrls[0]).pathname);
      assert.deepEqual(list.json, phf);
      const removed = await admin(`/admin/content/${encoded}`, { method: 'DELETE' });
      assert.equal(removed.status, 204);
    }),
    { numRuns: 60 },
  );
});
