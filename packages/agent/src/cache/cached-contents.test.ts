import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, sluiceError } from '@sluice/protocol';
import type { ContentHub } from '../content/content-hub.ts';
import { KeyedMutex } from '../content/keyed-mutex.ts';
import type { Download } from '../download/download.ts';
import type { Holds } from '../download/holds.ts';
import { SharedContents } from './cached-contents.ts';

/** A content that is shared, and what peers do with it. */
function world() {
  const clock = new ManualClock();
  const mutex = new KeyedMutex();
  const uploads = { idle: true };
  const entry: { lastRead: number | undefined } = { lastRead: undefined };
  const shared = { entry, swarm: { members: [{ uploads }, { uploads: undefined }] } };
  const download = { progress: { shared } };
  const done: string[] = [];
  let isLocked = false;
  const store = {
    async remove() {
      if (isLocked) throw sluiceError('ContentBusy', { key: 'a', owner: 'process 1' });
      done.push('removed');
    },
  };
  const hub = { mutex, store, options: { clock }, find: () => shared };
  const contents = new SharedContents({
    hub: hub as unknown as ContentHub,
    holds: { drop: async () => done.push('closed') } as unknown as Holds,
    downloads: () => [download as unknown as Download],
    forget: async () => {
      done.push('forgotten');
    },
    refetch: async () => {
      done.push('refetched');
    },
  });
  const lock = () => {
    isLocked = true;
  };
  return { clock, mutex, uploads, entry, download, done, contents, lock };
}

test('a content is busy while it is uploaded, was a moment ago, or has somebody’s turn', async () => {
  const w = world();
  assert.equal(w.contents.isBusy('a'), false);
  w.uploads.idle = false;
  assert.equal(w.contents.isBusy('a'), true);
  assert.equal(await w.contents.drop('a'), false);
  w.uploads.idle = true;
  w.entry.lastRead = w.clock.now();
  assert.equal(w.contents.isBusy('a'), true);
  w.clock.advance(2_000);
  assert.equal(w.contents.isBusy('a'), false);
  const turn = Promise.withResolvers<void>();
  const held = w.mutex.run('a', () => turn.promise);
  assert.equal(await w.contents.drop('a'), false);
  turn.resolve();
  await held;
  assert.deepEqual(w.done, []);
});

test('what is dropped is let go of first, then deleted, then forgotten', async () => {
  const w = world();
  assert.equal(await w.contents.drop('a'), true);
  assert.deepEqual(w.done, ['closed', 'removed', 'forgotten']);
  assert.equal(w.download.progress.shared, undefined);
});

test('what another process has open stays', async () => {
  const w = world();
  w.lock();
  assert.equal(await w.contents.drop('a'), false);
});

test('what is replaced is fetched again by the word of a download that had it', async () => {
  const w = world();
  assert.equal(await w.contents.replace('a'), 'refetched');
  assert.deepEqual(w.done, ['closed', 'removed', 'forgotten', 'refetched']);
});
