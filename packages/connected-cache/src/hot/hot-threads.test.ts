import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../clock.ts';
import { HotCounts } from './hot-counts.ts';
import { HotThreads, type ThreadsHost } from './hot-threads.ts';
import { LeaseTable } from './lease-table.ts';

test('a worker that dies is started again, and holds nothing any more', async () => {
  const source = `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', (m) => {
      if (m.kind === 'take') throw new Error('hit');
      if (m.kind === 'drain') parentPort.postMessage({ kind: 'drained' });
    });`;
  const script = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const [table, counts] = [new LeaseTable(1), new HotCounts(1)];
  const word = table.grant(3);
  assert.ok(table.acquire(0, 3, word));
  counts.rows[0]!.add('Connections', 5);
  counts.rows[0]!.add('HitBytes', 7);
  const died = Promise.withResolvers<unknown>();
  const back = Promise.withResolvers<void>();
  const handed: number[] = [];
  const host = {
    clock: systemClock,
    wallTime: () => 0,
    handOver: (descriptor: number) => handed.push(descriptor),
    died: (_: number, cause: unknown) => died.resolve(cause),
    back: () => back.resolve(),
  } as unknown as ThreadsHost;
  const start = { clientStallMs: 1, keepAliveMs: 1, log: undefined, nodeUrl: '' };
  const threads = new HotThreads({ host, table, counts, start, script });
  threads.take(1000);
  assert.match(String(await died.promise), /hit/);
  assert.equal(table.isUsed(3), false);
  assert.deepEqual([counts.sum('Connections'), counts.sum('HitBytes')], [0, 7]);
  threads.take(1001);
  assert.deepEqual(handed, [1001], 'the HTTP server stands in');
  await back.promise;
  await threads.drain();
  await threads.close();
});
