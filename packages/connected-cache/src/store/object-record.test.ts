import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { formatRecord, maxObjectLength, type ObjectRecord, parseRecord } from './object-record.ts';

const record: ObjectRecord = {
  url: 'http://a.example/b?c',
  identity: { etag: '"1"', lastModified: undefined, length: 1000 },
  pieceSize: 64,
  segmentPieces: 4,
  headers: [['x', 'caf\xe9']],
  freshness: { receivedAt: 1, initialAgeMs: 2, lifetimeMs: 3 },
};

test('reads what it wrote', () => {
  assert.deepEqual(parseRecord(formatRecord(record)), JSON.parse(JSON.stringify(record)));
});

test('takes no damaged record, and none that makes no sense', () => {
  const text = formatRecord(record);
  for (let i = 0; i < text.length; i++) {
    const other = text[i] === '1' ? '2' : '1';
    assert.equal(parseRecord(text.slice(0, i) + other + text.slice(i + 1)), undefined);
    assert.equal(parseRecord(text.slice(0, i)), undefined);
  }
  const odd = (change: object) => {
    const json = JSON.stringify({ ...record, ...change });
    return parseRecord(`${crc32(json).toString(16)}\n${json}`);
  };
  assert.ok(odd({}));
  for (const change of [
    { url: 1 },
    { identity: { length: 1 } },
    { identity: { etag: '"1"', length: maxObjectLength + 1 } },
    { identity: { etag: '"1"', length: 2 ** 40 }, pieceSize: 1 },
    { identity: { etag: '"1"', length: -1 } },
    { identity: null },
    { pieceSize: 0 },
    { segmentPieces: 1.5 },
    { headers: [['a']] },
    { headers: 'a' },
    { freshness: { receivedAt: null } },
  ]) {
    assert.equal(odd(change), undefined, JSON.stringify(change));
  }
});
