import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentIdOf, formatPiecesHashFile, parsePiecesHashFile } from '@sluice/protocol';
import { phf, startCloud } from '../cloud.test-support.ts';

const own = encodeURIComponent(contentIdOf(phf.HashOfHashes));

test('the hash list is served as it must be written, and may be kept', async (t) => {
  const { publish, ask } = await startCloud(t);
  const { Pieces, HashOfHashes, ...rest } = phf;
  await publish({ Phf: { Pieces, ...rest, HashOfHashes } });
  const first = await ask(`/content/${own}/pieceshash`);
  assert.equal(first.text, JSON.stringify(phf));
  assert.equal(first.text, formatPiecesHashFile(parsePiecesHashFile(Buffer.from(first.text))));
  assert.match(String(first.headers['content-type']), /^text\/json/);
  assert.match(String(first.headers['cache-control']), /immutable/);
  const etag = String(first.headers.etag);
  for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
    const again = await ask(`/content/${own}/pieceshash`, { headers: { 'if-none-match': tag } });
    assert.deepEqual([again.status, again.text, again.headers.etag], [304, '', etag], tag);
  }
  const other = await ask(`/content/${own}/pieceshash`, { headers: { 'if-none-match': '"x"' } });
  assert.equal(other.status, 200);
  const head = await ask(`/content/${own}/pieceshash`, { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers['content-length']], [200, `${first.text.length}`]);
});

test('under an id of the publisher’s choice it has to be asked for again', async (t) => {
  const { publish, ask } = await startCloud(t);
  await publish({ ContentId: 'my app' });
  const { headers } = await ask('/content/my%20app/pieceshash');
  assert.equal(headers['cache-control'], 'no-cache');
});
