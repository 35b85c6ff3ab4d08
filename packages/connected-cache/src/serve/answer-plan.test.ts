import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoredObject } from '../store/stored-object.ts';
import { planAnswer } from './answer-plan.ts';

const modified = 'Sun, 06 Nov 1994 08:49:37 GMT';
const object = new StoredObject({
  url: 'http://a.example/',
  identity: { etag: '"1"', lastModified: modified, length: 1000 },
  pieceSize: 100,
  segmentPieces: 4,
  headers: [
    ['etag', '"1"'],
    ['last-modified', modified],
    ['content-type', 'a/b'],
    ['cache-control', 'max-age=5'],
  ],
  freshness: { receivedAt: 10_000, initialAgeMs: 5_000, lifetimeMs: 60_000 },
});

function plan(headers: Record<string, string>, method = 'GET') {
  const { status, parts, headers: list, after } = planAnswer(object, { method, headers }, 12_500);
  const ranges = parts.map(({ range }) => [range.start, range.end]);
  return { status, ranges, headers: Object.fromEntries(list), parts, after };
}

test('plans whole answers and parts', () => {
  const whole = plan({});
  assert.deepEqual([whole.status, whole.ranges], [200, [[0, 1000]]]);
  assert.equal(whole.headers['content-length'], '1000');
  assert.equal(whole.headers.age, '7');
  const part = plan({ range: 'bytes=990-' });
  assert.deepEqual([part.status, part.ranges], [206, [[990, 1000]]]);
  assert.equal(part.headers['content-range'], 'bytes 990-999/1000');
  assert.equal(part.headers['content-length'], '10');
  assert.equal(plan({ range: 'bytes=0-1' }, 'HEAD').status, 200, 'a range is for GET only');
  assert.equal(plan({ range: 'bytes=1-0' }).status, 200);
  const beyond = plan({ range: 'bytes=1000-' });
  assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, 'bytes */1000']);
});

test('joins ranges that touch, and sends the whole rather than very many', () => {
  assert.deepEqual(plan({ range: 'bytes=5-9,0-4,3-6' }).ranges, [[0, 10]]);
  const flood = Array.from({ length: 60 }, (_, i) => `${i * 3}-${i * 3}`).join(',');
  assert.deepEqual(plan({ range: `bytes=${flood}` }).ranges, [[0, 1000]]);
  const same = `bytes=${'0-,'.repeat(60)}0-`;
  assert.deepEqual(plan({ range: same }).ranges, [[0, 1000]]);
});

test('states the exact length of several parts', () => {
  const { status, headers, parts, after, ranges } = plan({ range: 'bytes=0-0,-1' });
  assert.deepEqual(
    [status, ranges],
    [
      206,
      [
        [0, 1],
        [999, 1000],
      ],
    ],
  );
  const length = parts.reduce((sum, part) => sum + part.before.length + 1, after.length);
  assert.equal(headers['content-length'], `${length}`);
});

test('answers conditions in the order of RFC 9110 §13.2.2', () => {
  const later = 'Mon, 07 Nov 1994 08:49:37 GMT';
  const earlier = 'Sat, 05 Nov 1994 08:49:37 GMT';
  for (const [headers, status] of [
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': 'W/"1"' }, 412],
    [{ 'if-match': '"0", "1"' }, 200],
    [{ 'if-unmodified-since': earlier }, 412],
    [{ 'if-unmodified-since': modified }, 200],
    [{ 'if-match': '"1"', 'if-unmodified-since': earlier }, 200],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': 'W/"1"' }, 304],
    [{ 'if-none-match': '"2"', 'if-modified-since': later }, 200],
    [{ 'if-modified-since': later }, 304],
    [{ 'if-modified-since': earlier }, 200],
    [{ 'if-modified-since': 'nonsense' }, 200],
    [{ 'if-match': '"2"', 'if-none-match': '"1"' }, 412],
    [{ 'if-none-match': '"1"', range: 'bytes=9999-' }, 304],
    [{ 'if-range': 'W/"1"', range: 'bytes=0-1' }, 200],
    [{ 'if-range': later, range: 'bytes=0-1' }, 200],
    [{ 'if-range': modified, range: 'bytes=0-1' }, 206],
  ] as const) {
    assert.equal(plan(headers as Record<string, string>).status, status, JSON.stringify(headers));
  }
  assert.deepEqual(Object.keys(plan({ 'if-none-match': '"1"' }).headers).sort(), [
    'age',
    'cache-control',
    'etag',
    'last-modified',
  ]);
});
