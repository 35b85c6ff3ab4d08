import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuleBook } from './rule-book.ts';
import type { RuledOut } from './ruled-out.ts';

const refused: RuledOut = {
  rule: 'PeerRefused',
  limit: '',
  actual: 'it refused the connection',
  affects: 'download',
  remedy: 'Open the port.',
};

test('the same is told once, with how often and to whom', () => {
  const book = new RuleBook();
  for (let i = 0; i < 8; i++) book.add(refused, `10.0.0.${i % 7}:7680`);
  book.add({ ...refused, peerClass: 'Group' }, 'far');
  book.add({ ...refused, rule: 'DODownloadMode', remedy: 'x' });
  const [first, ...others] = book.entries();
  assert.deepEqual([first?.count, first?.subjects.length], [8, 5]);
  assert.deepEqual(
    others.map((e) => [e.ruledOut.rule, e.count, e.subjects]),
    [
      ['PeerRefused', 1, ['far']],
      ['DODownloadMode', 1, []],
    ],
  );
});

test('memory is bounded, what is beyond is counted', () => {
  const book = new RuleBook();
  for (let i = 0; i < 1_000; i++) book.add({ ...refused, actual: `${i}` }, `peer ${i}`);
  assert.deepEqual([book.entries().length, book.forgotten], [100, 900]);
});
