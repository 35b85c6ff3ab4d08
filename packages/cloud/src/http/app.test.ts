import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseErrorReply } from '@sluice/protocol/schemas';
import { startCloud } from '../cloud.test-support.ts';

const join = '/array/join/';
const member = { ContentId: 'c', PeerId: '0'.repeat(40), Left: '1' };

test('hostile bodies get a clear 4xx, and the service goes on', async (t) => {
  const { ask } = await startCloud(t);
  const json = { 'content-type': 'application/json' };
  const cases: [string, number, Parameters<typeof ask>[1]][] = [
    ['not JSON', 400, { body: '{"ContentId":', headers: json }],
    ['empty', 400, { body: '', method: 'POST', headers: json }],
    ['not UTF-8', 400, { body: Uint8Array.of(0xff, 0xfe, 0x7b), headers: json }],
    ['an array', 400, { body: [] }],
    ['null', 400, { body: 'null' }],
    ['a string', 400, { body: '"x"' }],
    ['deep', 400, { body: '['.repeat(16_000) + ']'.repeat(16_000) }],
    ['too large', 413, { body: { ...member, Extra: 'x'.repeat(33_000) } }],
    ['a prototype', 400, { body: '{"__proto__":{"x":1},"PeerId":"0","Left":"1"}' }],
    ['a constructor', 400, { body: '{"constructor":{"prototype":{"x":1}}}' }],
    [
      'text/plain',
      415,
      { body: JSON.stringify(member), headers: { 'content-type': 'text/plain' } },
    ],
    [
      'form',
      415,
      { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
  ];
  for (const [title, status, asked] of cases) {
    const answer = await ask(join, asked);
    assert.equal(answer.status, status, title);
    assert.match(String(answer.headers['content-type']), /^text\/json/, title);
    parseErrorReply(answer.json);
  }
  assert.equal((await ask(join, { body: member })).status, 200);
});

test('what is not there is 404 in JSON, whatever the method and path', async (t) => {
  const { ask } = await startCloud(t);
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/array/join/'],
    ['PUT', '/geo'],
    ['GET', '/../../etc/passwd'],
    ['GET', '/content/..%2f..%2fadmin-token'],
    ['GET', '/admin-token'],
    ['GET', '/catalogue.sqlite'],
    ['GET', '//geo'],
    ['OPTIONS', '*'],
  ] as const) {
    const answer = await ask(path, { method });
    assert.equal(answer.status, 404, `${method} ${path}`);
    assert.equal(parseErrorReply(answer.json).Code, 'NoSuchResource');
  }
});

test('URLs: broken escapes, endless queries and parameters are refused', async (t) => {
  const { ask } = await startCloud(t);
  assert.equal((await ask('/content/%zz/contentpolicy')).status, 400);
  assert.equal((await ask('/content/%ff/contentpolicy')).status, 400);
  const long = 'x'.repeat(9_000);
  assert.equal((await ask(`/content/a/contentpolicy?altCatalogId=${long}`)).status, 400);
  assert.equal((await ask('/content/a/contentpolicy?altCatalogId=a&altCatalogId=b')).status, 400);
  assert.ok([404, 414].includes((await ask(`/content/${long}/contentpolicy`)).status));
  assert.equal((await ask(`/geo?${'x'.repeat(40_000)}`)).status, 431);
  assert.equal((await ask('/geo')).status, 200);
});

test('a site that asks too often is told to wait, and may go on later', async (t) => {
  const { ask, clock } = await startCloud(t, { requestsPerSecond: 2 });
  for (let i = 0; i < 4; i++) assert.equal((await ask('/geo')).status, 200);
  const refused = await ask('/geo');
  assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '1']);
  assert.equal(parseErrorReply(refused.json).Code, 'TooManyRequests');
  clock.advance(1_000);
  assert.equal((await ask('/geo')).status, 200);
});

test('replies that depend on the caller are not to be cached', async (t) => {
  const { ask } = await startCloud(t);
  for (const path of ['/geo', '/all', '/discovery/content/x']) {
    assert.equal((await ask(path)).headers['cache-control'], 'no-store', path);
  }
});
