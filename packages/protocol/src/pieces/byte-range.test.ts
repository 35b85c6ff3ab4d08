import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatContentRange, formatRange, parseContentRange, parseRange } from './byte-range.ts';

test('formats ranges with inclusive last byte', () => {
  assert.equal(formatRange({ start: 0, end: 100 }), 'bytes=0-99');
  assert.equal(formatContentRange({ start: 5, end: 6 }, 10), 'bytes 5-5/10');
});

test('reads Content-Range', () => {
  assert.deepEqual(parseContentRange('bytes 0-99/200'), { start: 0, end: 100, total: 200 });
  assert.deepEqual(parseContentRange('bytes 0-0/*'), { start: 0, end: 1, total: undefined });
  for (const bad of ['bytes */200', 'bytes 5-4/9', 'bytes 0-9/5', 'items 0-1/2', 'bytes 0-1', '']) {
    assert.equal(parseContentRange(bad), undefined, bad);
  }
});

test('reads Range as RFC 9110 §14 says', () => {
  assert.deepEqual(parseRange('bytes=0-0', 10), [{ start: 0, end: 1 }]);
  assert.deepEqual(parseRange('bytes=5-', 10), [{ start: 5, end: 10 }]);
  assert.deepEqual(parseRange('bytes=-3', 10), [{ start: 7, end: 10 }]);
  assert.deepEqual(parseRange('bytes=-30', 10), [{ start: 0, end: 10 }]);
  assert.deepEqual(parseRange('bytes=0-99, 20-30', 10), [{ start: 0, end: 10 }]);
  assert.equal(parseRange('bytes=10-', 10), 'unsatisfiable');
  assert.equal(parseRange('bytes=-0', 10), 'unsatisfiable');
  assert.equal(parseRange('bytes=0-', 0), 'unsatisfiable');
});

test('ignores what it must ignore', () => {
  for (const bad of ['bytes=', 'bytes=-', 'bytes=5-4', 'bytes=a-b', 'lines=0-1', 'bytes 0-1']) {
    assert.equal(parseRange(bad, 10), undefined, bad);
  }
  const many = `bytes=${Array.from({ length: 65 }, (_, i) => `${i}-${i}`).join(',')}`;
  assert.equal(parseRange(many, 1000), undefined);
});
