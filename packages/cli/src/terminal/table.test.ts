import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paintAnsi } from './colour.ts';
import { formatTable } from './table.ts';

test('aligns names left and numbers right, colours do not count', () => {
  const green = paintAnsi('green', '9 B');
  assert.equal(
    formatTable([
      ['device', 'http'],
      ['1', '12 MiB'],
      ['2', green],
    ]),
    `device    http\n1       12 MiB\n2          ${green}`,
  );
  assert.equal(formatTable([]), '');
});
