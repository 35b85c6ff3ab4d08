import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { Offers } from './offers.ts';

const turnMs = 300_000;

function world(count: number) {
  const clock = new ManualClock();
  const offers = new Offers(clock);
  const contents = Array.from({ length: count }, () => {
    // Announced when its download began.
    const content = { offered: true, setOffered: (yes: boolean) => (content.offered = yes) };
    return content;
  });
  for (const content of contents) offers.add(content);
  const offered = () => contents.flatMap(({ offered }, i) => (offered ? [i] : []));
  return { clock, offers, contents, offered };
}

suite('contents offered to newcomers', () => {
  test('are all that there are, up to four, and nothing wakes up for them', () => {
    const { clock, offered } = world(4);
    assert.deepEqual([offered(), clock.pending], [[0, 1, 2, 3], 0]);
  });

  test('are four at a time, each in its turn', () => {
    const { clock, offered } = world(6);
    assert.deepEqual(offered(), [0, 1, 2, 3]);
    clock.advance(turnMs - 1);
    assert.deepEqual(offered(), [0, 1, 2, 3]);
    clock.advance(1);
    assert.deepEqual(offered(), [2, 3, 4, 5]);
    clock.advance(turnMs);
    assert.deepEqual(offered(), [0, 1, 4, 5]);
  });

  test('give their place to the next when they go', () => {
    const { clock, offers, contents, offered } = world(6);
    offers.remove(contents[1]!);
    contents[1]!.setOffered(false);
    assert.deepEqual(offered(), [0, 2, 3, 4]);
    offers.remove(contents[1]!);
    offers.add(contents[0]!);
    assert.deepEqual(offered(), [0, 2, 3, 4]);
    for (const content of contents) offers.remove(content);
    assert.equal(clock.pending, 0);
  });
});
