import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { BufferPool } from '../store/buffer-pool.ts';
import type { CacheStore } from '../store/cache-store.ts';
import { StoredObject } from '../store/stored-object.ts';
import { PaceBook } from '../upstream/pace-book.ts';
import { type FillDeps, ObjectFills } from './object-fills.ts';
import { ObjectReading, type ReadingDeps } from './object-reading.ts';
import type { SourceLink } from './source-link.ts';

/** Resolves when all that can go on has gone on. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('who waits for a source that wants a pause hears that the object has changed meanwhile', async () => {
  const clock = new ManualClock();
  const object = new StoredObject({
    url: 'http://a.example/f',
    identity: { etag: '"1"', lastModified: undefined, length: 10 },
    pieceSize: 10,
    segmentPieces: 1,
    headers: [],
    freshness: { receivedAt: 0, initialAgeMs: 0, lifetimeMs: 1000 },
  });
  const paces = new PaceBook({ clock, mostConnections: 8 });
  const store = { use() {}, unuse() {} } as unknown as CacheStore;
  const fills = new ObjectFills(object, {
    store,
    clock,
    paces,
    runPieces: 1,
  } as unknown as FillDeps);
  const link = { source: { origin: 'http://a.example' } } as SourceLink;
  paces.of('http://a.example').refused(5000);
  const deps = { pool: new BufferPool() } as ReadingDeps;
  const begun = { held: object.pieces.clone(), fill: undefined, shared: false };
  const reading = new ObjectReading(fills, [{ start: 0, end: 10 }], link, deps, begun);
  const next = reading.next(10);
  next.catch(() => {});
  object.current = false;
  const early = await Promise.race([next.catch(() => 'told'), turn()]);
  assert.equal(early, undefined, 'the pause is not over');
  clock.advance(5000);
  await assert.rejects(next, { code: 'CacheObjectChanged' });
  reading.close();
});
