import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  describe,
  maxObjectLength,
  type ObjectRecord,
  outlineOf,
  parseRecord,
} from './object-record.ts';

const record: ObjectRecord = {
  url: 'http://a.example/b?c',
  identity: { etag: '"1"', lastModified: undefined, length: 1000 },
  pieceSize: 64,
  segmentPieces: 4,
  headers: [['x', 'caf\xe9']],
  freshness: { receivedAt: 1, initialAgeMs: 2, lifetimeMs: 3 },
};

test('reads what it wrote', () => {
  assert.deepEqual(parseRecord(describe(record)), JSON.parse(JSON.stringify(record)));
  const { url, pieceSize, segmentPieces } = record;
  assert.deepEqual(outlineOf(describe(record)), { url, pieceSize, segmentPieces, length: 1000 });
});

test('takes none that is cut, and none that makes no sense', () => {
  const text = describe(record);
  for (let i = 0; i < text.length; i++) assert.equal(parseRecord(text.slice(0, i)), undefined);
  const odd = (change: object) => parseRecord(describe({ ...record, ...change }));
  assert.ok(odd({}));
  for (const change of [
    { identity: { length: 1 } },
    { identity: { etag: '"1"', length: maxObjectLength + 1 } },
    { identity: { etag: '"1"', length: 2 ** 40 }, pieceSize: 1 },
    { identity: { etag: '"1"', length: -1 } },
    { identity: {} },
    { pieceSize: 0 },
    { segmentPieces: 1.5 },
    { headers: [['a']] },
    { headers: 'a' },
    { freshness: { receivedAt: null } },
  ]) {
    assert.equal(odd(change), undefined, JSON.stringify(change));
  }
  assert.equal(parseRecord(text.replace('1000 ', '1001 ')), undefined);
});
