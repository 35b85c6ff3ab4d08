import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentIdOf, PiecesHasher } from '@sluice/protocol';
import { parseErrorReply, parsePublishReply } from '@sluice/protocol/schemas';
import { phf, startCloud } from '../cloud.test-support.ts';

test('without the token nothing is told, taken or removed', async (t) => {
  const { ask, publish, admin } = await startCloud(t);
  await publish({ ContentId: 'a' });
  const body = { Urls: ['http://h/x'], Phf: phf };
  for (const authorization of [undefined, 'Bearer wrong', 'Basic eDp5']) {
    const headers: Record<string, string> = authorization ? { authorization } : {};
    for (const [method, path, asked] of [
      ['GET', '/admin/content', {}],
      ['POST', '/admin/content', { body }],
      ['POST', '/admin/content', { body: 'not JSON' }],
      ['DELETE', '/admin/content/a', {}],
    ] as const) {
      const answer = await ask(path, { method, headers, ...asked });
      assert.equal(answer.status, 401);
      assert.equal(answer.headers['www-authenticate'], 'Bearer');
      assert.match(parseErrorReply(answer.json).Remedy, /admin-token/);
    }
  }
  assert.equal((await admin('/admin/content')).json.Contents.length, 1);
});

test('publish: the id from the hash, then the same again', async (t) => {
  const { publish } = await startCloud(t);
  const first = await publish({ Urls: ['http://h/x', 'HTTP://H:80/x', 'http://h/y'] });
  assert.equal(first.status, 201);
  const reply = parsePublishReply(first.json);
  const id = contentIdOf(phf.HashOfHashes);
  assert.deepEqual([reply.ContentId, reply.Created], [id, true]);
  assert.deepEqual(reply.Urls, ['http://h/x', 'http://h/y']);
  assert.ok(reply.PiecesHashFileUrl.endsWith(`/content/${encodeURIComponent(id)}/pieceshash`));
  const again = await publish({ Urls: ['http://h/z'] });
  assert.equal(again.status, 200);
  assert.deepEqual([again.json.Created, again.json.Urls.length], [false, 3]);
});

test('publish: a URL that was another content’s moves, and the reply says so', async (t) => {
  const { publish, ask } = await startCloud(t);
  await publish({ ContentId: 'old', Urls: ['http://h/x'] });
  const { json } = await publish({ ContentId: 'new', Urls: ['http://h/x'] });
  assert.deepEqual(parsePublishReply(json).MovedUrls, [
    { Url: 'http://h/x', FromContentId: 'old' },
  ]);
  const policy = await ask('/content//contentpolicy?altCatalogId=http%3A%2F%2Fh%2Fx');
  assert.equal(policy.json.ContentId, 'new');
});

test('publish: what is wrong is refused and named, and nothing is stored', async (t) => {
  const { publish, admin } = await startCloud(t);
  const cases: [object, string, RegExp][] = [
    [{ Phf: { ...phf, HashOfHashes: `${'A'.repeat(43)}=` } }, 'PhfMismatch', /HashOfHashes/],
    [{ Phf: { ...phf, ContentLength: 244_531 } }, 'PhfMismatch', /HashOfHashes/],
    [{ Phf: { ...phf, Pieces: [] } }, 'PhfInvalid', /pieces/],
    [{ Phf: { ...phf, PieceSize: 1 } }, 'PhfInvalid', /PieceSize/],
    [{ Phf: { ...phf, ContentLength: 1e300 } }, 'PhfInvalid', /ContentLength/],
    [{ Phf: { ...phf, MajorVersion: 2 } }, 'PhfVersion', /MajorVersion/],
    [{ Phf: { ...phf, Extra: 1 } }, 'PhfInvalid', /key/],
    [{ Phf: { ...phf, Pieces: ['x'] } }, 'PhfInvalid', /Pieces/],
    [{ Phf: JSON.stringify(phf) }, 'RequestInvalid', /Phf/],
    [{ Phf: undefined }, 'RequestInvalid', /Phf/],
    [{ Urls: [] }, 'RequestInvalid', /Urls/],
    [{ Urls: ['ftp://h/x'] }, 'RequestInvalid', /Urls/],
    [{ Urls: ['http://u:p@h/x'] }, 'RequestInvalid', /Urls/],
    [{ Urls: ['http://['] }, 'RequestInvalid', /Urls/],
    [{ Urls: Array(65).fill('http://h/x') }, 'RequestInvalid', /Urls/],
    [{ ContentId: '' }, 'RequestInvalid', /ContentId/],
    [{ ContentId: '..' }, 'RequestInvalid', /ContentId/],
    [{ ContentId: 'a\nb' }, 'RequestInvalid', /ContentId/],
    [{ ContentId: '\ud800' }, 'RequestInvalid', /ContentId/],
    [{ ContentId: 'x'.repeat(257) }, 'RequestInvalid', /ContentId/],
    [{ Policies: { BackgroundQosBps: -1 } }, 'RequestInvalid', /BackgroundQosBps/],
    [{ Policies: { Backgroundqos: 1 } }, 'RequestInvalid', /Policies/],
    [{ Unknown: 1 }, 'RequestInvalid', /additional/],
  ];
  for (const [change, code, named] of cases) {
    const answer = await publish(change);
    const reply = parseErrorReply(answer.json);
    assert.deepEqual([answer.status, reply.Code], [400, code], JSON.stringify(change));
    assert.match(reply.Message, named);
  }
  assert.deepEqual((await admin('/admin/content')).json, { Contents: [], Next: null });
});

test('publish: a large hash list is taken, one beyond the limit is not', async (t) => {
  const { publish, admin, ask } = await startCloud(t);
  const pieces = 20_000;
  const hasher = new PiecesHasher({ pieceSize: 16_384 });
  const piece = new Uint8Array(16_384);
  for (let i = 0; i < pieces; i++) hasher.update(piece);
  const made = hasher.finish();
  const digest = Buffer.from(made.digests.subarray(0, 32)).toString('base64');
  const large = {
    ...phf,
    HashOfHashes: made.hashOfHashes,
    ContentLength: made.contentLength,
    PieceSize: made.pieceSize,
    Pieces: Array<string>(pieces).fill(digest),
  };
  assert.equal((await publish({ ContentId: 'large', Phf: large })).status, 201);
  assert.deepEqual((await ask('/content/large/pieceshash')).json, large);

  const body = Buffer.alloc(67_108_865, 0x20);
  assert.equal((await admin('/admin/content', { body })).status, 413);
});

test('list: in pages, each content once; wrong pages are refused', async (t) => {
  const { publish, admin } = await startCloud(t);
  const ids = ['a', 'b c', 'd&e=f', 'g+h', 'ü'];
  for (const ContentId of ids) await publish({ ContentId, Urls: [`http://h/${ContentId}`] });
  const seen: string[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const path: string = `/admin/content?limit=2&after=${encodeURIComponent(after)}`;
    const { json } = await admin(path);
    assert.ok(json.Contents.length <= 2);
    for (const content of json.Contents) seen.push(content.ContentId);
    after = json.Next;
  }
  assert.deepEqual(seen.toSorted(), ids.toSorted());
  const [entry] = (await admin('/admin/content?limit=1')).json.Contents;
  assert.deepEqual(entry, {
    ContentId: 'a',
    HashOfHashes: phf.HashOfHashes,
    ContentLength: phf.ContentLength,
    PieceSize: phf.PieceSize,
    Urls: ['http://h/a'],
    Policies: {},
  });
  for (const limit of ['0', '-1', '1000', 'x', '1;DROP TABLE content']) {
    const path = `/admin/content?limit=${encodeURIComponent(limit)}`;
    assert.equal((await admin(path)).status, 400, limit);
  }
});

test('remove: the content and its URLs are gone; what is not there is 404', async (t) => {
  const { publish, admin, ask } = await startCloud(t);
  await publish({ ContentId: 'a/b' });
  const remove = () => admin('/admin/content/a%2Fb', { method: 'DELETE' });
  assert.equal((await remove()).status, 204);
  assert.equal((await remove()).status, 404);
  const url = encodeURIComponent('http://source/file.bin');
  assert.equal((await ask(`/content//contentpolicy?altCatalogId=${url}`)).status, 404);
});
