import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { connectionsFor, openFilesIn } from '../serve/connection-limit.ts';
import { Issues } from './issues.ts';
import { LoadWatch } from './load-watch.ts';

test('few workers are an issue when all of them are busy and there are more cores', () => {
  const clock = new ManualClock();
  const issues = new Issues(
    () => clock.now(),
    () => [],
  );
  let loads = [0.99, 0.5];
  const watch = new LoadWatch(clock, issues, () => loads, 4);
  const after = (next: number[]) => {
    loads = next;
    clock.advance(60_000);
    return issues.list.map(({ Type, EndTime }) => `${Type} ${EndTime === null}`);
  };
  assert.deepEqual(after([0.99, 0.5]), [], 'one has nothing to do');
  assert.deepEqual(after([0.99, 0.99, 1, 1]), [], 'no core is left');
  assert.deepEqual(after([0.99, 0.96]), ['WorkerCountTooFew true']);
  assert.deepEqual(after([0.99, 0.9]), ['WorkerCountTooFew true']);
  assert.deepEqual(after([0.99, 0.5]), ['WorkerCountTooFew false']);
  watch.close();
});

test('the limit of open files is one of connections', () => {
  const text =
    'Limit   Soft Limit  Hard Limit  Units\nMax open files            65536                65536  files\n';
  assert.equal(openFilesIn(text), 65_536);
  assert.equal(connectionsFor(openFilesIn('')), 20_000);
  assert.deepEqual([65_536, 20_000, 1024].map(connectionsFor), [20_000, 17_000, 512]);
});
