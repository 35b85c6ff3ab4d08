import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { unlessAborted } from '../clock/unless-aborted.ts';
import type { CloudClient } from '../services/cloud-client.ts';
import { askCloud } from './ask-cloud.ts';

/** Asks a cloud that never answers. @returns among others what tells, so many ms later, whether it is over */
function askSilent(meanwhile?: Promise<unknown>) {
  const clock = new ManualClock();
  const cacheHosts = (signal: AbortSignal) => unlessAborted(new Promise<never>(() => {}), signal);
  const cloud = { cacheHosts } as unknown as CloudClient;
  const request = { Url: 'http://source/file', Output: '/out' };
  const stop = new AbortController();
  let isOver = false;
  const answer = askCloud(cloud, request, { clock, meanwhile }, stop.signal).finally(() => {
    isOver = true;
  });
  const after = async (ms: number) => {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
    return isOver;
  };
  return { clock, answer, after, stop };
}

suite('a cloud that never answers', () => {
  test('is waited for two seconds', async () => {
    const { clock, answer, after } = askSilent();
    assert.equal(await after(1_999), false);
    assert.equal(await after(1), true);
    const { reachable, error } = await answer;
    assert.equal(reachable, false);
    assert.match(error?.message ?? '', /no answer within 2000 ms/);
    assert.equal(clock.pending, 0);
  });

  test('is waited for while bytes come, and no longer', async () => {
    const bytes = Promise.withResolvers<void>();
    const { clock, answer, after } = askSilent(bytes.promise);
    assert.equal(await after(2_000), false);
    assert.equal(await after(5_000), false);
    bytes.resolve();
    assert.equal(await after(0), true);
    assert.match((await answer).error?.message ?? '', /no answer within 7000 ms/);
    assert.equal(clock.pending, 0);
  });

  test('is waited for half a minute at most', async () => {
    const { after } = askSilent(new Promise(() => {}));
    assert.equal(await after(2_000), false);
    assert.equal(await after(27_999), false);
    assert.equal(await after(1), true);
  });

  test('is left at once when the download is', async () => {
    const { clock, answer, after, stop } = askSilent(new Promise(() => {}));
    await after(3_000);
    stop.abort(new Error('enough'));
    await assert.rejects(answer, /enough/);
    await after(0);
    assert.equal(clock.pending, 0);
  });
});
