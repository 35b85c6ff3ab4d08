import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endToEnd, storable } from './headers.ts';
import { identityOf, onlyIfChanged, onlyIfSame, sameIdentity } from './identity.ts';

const modified = 'Sun, 06 Nov 1994 08:49:37 GMT';

test('holds on to a strong ETag, else to Last-Modified and length', () => {
  const tagged = identityOf({ etag: '"a"', 'last-modified': modified }, 5)!;
  assert.deepEqual(onlyIfSame(tagged), { 'if-match': '"a"' });
  assert.deepEqual(onlyIfChanged(tagged), { 'if-none-match': '"a"' });
  const dated = identityOf({ etag: 'W/"a"', 'last-modified': modified }, 5)!;
  assert.deepEqual(onlyIfSame(dated), { 'if-unmodified-since': modified });
  assert.deepEqual(onlyIfChanged(dated), { 'if-modified-since': modified });
  for (const headers of [
    {},
    { etag: 'W/"a"' },
    { etag: 'a' },
    { etag: '"a' },
    { 'last-modified': 'now' },
  ]) {
    assert.equal(identityOf(headers, 5), undefined);
  }
});

test('tells states apart', () => {
  const a = identityOf({ etag: '"a"', 'last-modified': modified }, 5)!;
  const dated = identityOf({ 'last-modified': modified }, 5)!;
  assert.ok(sameIdentity(a, identityOf({ etag: '"a"' }, 5)));
  assert.ok(!sameIdentity(a, identityOf({ etag: '"a"' }, 6)));
  assert.ok(!sameIdentity(a, identityOf({ etag: '"b"' }, 5)));
  assert.ok(!sameIdentity(a, dated));
  assert.ok(!sameIdentity(dated, undefined));
  assert.ok(
    sameIdentity(dated, identityOf({ 'last-modified': 'Sunday, 06-Nov-94 08:49:37 GMT' }, 5)),
  );
});

test('passes on end-to-end headers, and keeps those that are of the object', () => {
  const headers = {
    connection: 'close, X-Hop',
    'x-hop': '1',
    'content-type': 'a/b',
    'content-length': '5',
    'set-cookie': ['a=1', 'b=2'],
    'content-digest': 'sha-256=:x:',
    'x-odd': 'snow\u2603',
    'x-two': ['1', '2'],
  };
  assert.deepEqual(endToEnd(headers as never), [
    ['content-type', 'a/b'],
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
    ['content-digest', 'sha-256=:x:'],
    ['x-two', '1'],
    ['x-two', '2'],
  ]);
  assert.deepEqual(storable(headers as never), [
    ['content-type', 'a/b'],
    ['x-two', '1'],
    ['x-two', '2'],
  ]);
});
