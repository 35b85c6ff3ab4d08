import assert from 'node:assert/strict';
import { test } from 'node:test';
import { badRanges } from './bad-ranges.ts';

test('joins pieces in a row; the last one ends with the content', () => {
  const ranges = badRanges({ contentLength: 95, pieceSize: 10 }, [0, 3, 4, 5, 8, 9]);
  assert.deepEqual(
    ranges.map((r) => [r.start, r.end, r.text]),
    [
      [0, 10, 'piece 0 is bad (bytes 0-9)'],
      [30, 60, 'pieces 3-5 are bad (bytes 30-59)'],
      [80, 95, 'pieces 8-9 are bad (bytes 80-94)'],
    ],
  );
});
