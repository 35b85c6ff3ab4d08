import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { isSluiceError } from '@sluice/protocol';
import { CollectingSink } from '../source/testing/collecting-sink.ts';
import { httpSource, never } from '../source/testing/fetching.ts';
import { serveObject } from '../source/testing/object-server.ts';
import type { WantedRun } from './content-entry.ts';
import { contentOf, readPiece, storeIn, temporaryFolder } from './store-fixture.ts';

const pieceSize = 65_536;
const all = { start: 0, end: 1 };
const content = contentOf(9 * pieceSize + 1234, pieceSize);

/** An entry whose store has a thread that is ready, and the source that serves it. */
async function setUp(t: TestContext, served: Uint8Array = content.bytes) {
  const server = await serveObject(served);
  t.after(() => server[Symbol.asyncDispose]());
  const store = await storeIn(t, await temporaryFolder(t));
  const entry = await store.open(content.verified);
  assert.equal(entry.takesRun, false, 'no thread yet');
  store.worker.prepare(1 << 30);
  while (!entry.takesRun) await setImmediate();
  const source = httpSource(`${server.origin}/content`);
  t.after(() => source.close());
  await source.fetch({ start: 0, end: 10 }, new CollectingSink(), never);
  const seen: Array<[piece: number, good: boolean]> = [];
  let bytes = 0;
  const fetch = (first: number, count: number, signal = never, onBytes = () => {}) =>
    source.lend!(
      all,
      (portable, ends) => {
        const wanted: WantedRun = {
          ...{ run: { first, count }, source: portable, originTag: 3 },
          onBytes: (n) => {
            bytes += n;
            onBytes();
          },
          onPiece: (piece, good) => seen.push([piece, good]),
        };
        return entry.fetchRun(wanted, ends);
      },
      signal,
    );
  return { server, store, entry, source, fetch, seen, came: () => bytes };
}

describe('a run that a thread fetches', () => {
  it('is on disk whole, in order, with its bytes counted and its origin journalled', async (t) => {
    const { store, entry, fetch, seen, came, server } = await setUp(t);
    assert.equal(entry.takesRun, true);
    assert.equal(await fetch(2, 8), 8);
    assert.deepEqual(
      seen,
      [2, 3, 4, 5, 6, 7, 8, 9].map((piece) => [piece, true]),
    );
    assert.equal(came(), 7 * pieceSize + 1234);
    assert.equal(entry.pieces.count, 8);
    for (const piece of [2, 9]) {
      const { start } = { start: piece * pieceSize };
      const expected = content.bytes.subarray(start, start + pieceSize);
      assert.ok((await readPiece(entry, content, piece)).equals(expected));
    }
    assert.equal(await fetch(0, 1), 1);
    assert.equal(await fetch(1, 1), 1);
    assert.ok(entry.pieces.complete);
    // Each of the two threads keeps its connection, and this one has its own: four requests, three at most.
    assert.equal(server.requests.length, 4);
    assert.ok(new Set(server.requests.map((r) => r.socket.remotePort)).size <= 3);
    await entry.close();
    const again = await store.open(content.verified);
    assert.deepEqual(again.recovered, { 3: content.bytes.length });
  });

  it('ends with its source, as what this thread reads does', async (t) => {
    const { fetch, server, source } = await setUp(t);
    server.holdNext();
    const asked = server.requests.length;
    const held = fetch(0, 2);
    while (server.requests.length === asked) await setImmediate();
    assert.equal(source.activeConnections, 1);
    await source.close();
    assert.equal(await held, 0);
    await assert.rejects(
      fetch(0, 1),
      (e) => isSluiceError(e, 'Cancelled') || isSluiceError(e, 'SourceClosed'),
    );
  });

  it('tells of a bad piece, does not keep it, and goes on', async (t) => {
    const served = Buffer.from(content.bytes);
    served[4 * pieceSize + 9]! ^= 1;
    const { entry, fetch, seen } = await setUp(t, served);
    assert.equal(await fetch(3, 3), 3);
    assert.deepEqual(seen, [
      [3, true],
      [4, false],
      [5, true],
    ]);
    assert.deepEqual(
      [3, 4, 5].map((piece) => entry.pieces.has(piece)),
      [true, false, true],
    );
  });

  it('that is cut off, of another version, or ended has what came before, and says how many', async (t) => {
    const { entry, fetch, server, seen } = await setUp(t);
    server.cutNextAfter(2 * pieceSize + 7);
    assert.equal(await fetch(0, 5), 2);
    assert.deepEqual(
      [...Array(5).keys()].map((p) => entry.pieces.has(p)),
      [true, true, false, false, false],
    );
    const control = new AbortController();
    server.holdNext();
    const asked = server.requests.length;
    const held = fetch(5, 2, control.signal);
    while (server.requests.length === asked) await setImmediate();
    control.abort();
    assert.equal(await held, 0);
    assert.equal(seen.length, 2);
    assert.equal(await fetch(5, 2), 2, 'the thread goes on working');
  });

  it('is waited for by who closes the threads, and there is none after', async (t) => {
    const { entry, store, fetch } = await setUp(t);
    let closed: Promise<void> | undefined;
    const close = () => {
      closed ??= store.worker.close();
    };
    assert.equal(await fetch(0, 4, never, close), 4);
    await closed;
    assert.equal(await fetch(4, 1), undefined);
    assert.equal(entry.takesRun, false);
  });

  it('waits for no other: who comes when all threads have enough is told so', async (t) => {
    const { fetch } = await setUp(t);
    const counts = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((piece) => fetch(piece, 1)));
    const taken = counts.filter((count) => count === 1).length;
    assert.ok(taken >= 2 && taken <= 4, `${taken}`);
    assert.equal(counts.filter((count) => count === undefined).length, 8 - taken);
  });

  it('ends where what is told of it fails', async (t) => {
    const { fetch } = await setUp(t);
    const failing = fetch(0, 4, never, () => {
      throw new Error('of the listener');
    });
    await assert.rejects(failing, { code: 'Internal' });
    assert.equal(await fetch(4, 2), 2);
  });

  it('is left to this thread by a source that another cannot read', async () => {
    const proxied = httpSource('http://127.0.0.1:1/x', { routes: async () => ['direct'] });
    const secure = httpSource('https://127.0.0.1:1/x');
    const unknown = httpSource('http://127.0.0.1:1/x');
    for (const source of [proxied, secure, unknown]) {
      assert.equal(await source.lend!(all, async () => assert.fail('lent'), never), undefined);
      await source.close();
    }
  });
});
