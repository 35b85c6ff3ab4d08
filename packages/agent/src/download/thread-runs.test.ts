import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import type { PortableSource, Source } from '../source/index.ts';
import type { ContentEntry, WantedRun } from '../store/index.ts';
import { OriginRecord } from './origin-record.ts';
import { ThreadRuns } from './thread-runs.ts';
import type { TransferOptions } from './transfer-options.ts';

const never = new AbortController().signal;
const run = { first: 3, count: 2 };

/** Threads that fetch what `fetchRun` says; everything may be lent. */
function setUp(fetchRun: (wanted: WantedRun) => Promise<number | undefined>, pieceSize = 1 << 20) {
  const state = { takesRun: true, isFree: true, lent: 0 };
  const entry = {
    get takesRun() {
      return state.takesRun;
    },
    fetchRun,
  };
  const options = {
    entry: entry as unknown as ContentEntry,
    geometry: { contentLength: 10 * pieceSize, pieceSize },
    rates: { isFree: () => state.isFree },
  } as unknown as TransferOptions;
  const source = {
    kind: 'http',
    async lend<T>(
      _: unknown,
      work: (portable: PortableSource, signal: AbortSignal) => Promise<T>,
      signal: AbortSignal,
    ) {
      state.lent++;
      return await work({} as PortableSource, signal);
    },
  } as unknown as Source;
  const runs = new ThreadRuns(options);
  const came: unknown[] = [];
  const on = {
    bytes: (n: number) => came.push(n),
    piece: (piece: number, good: boolean) => came.push([piece, good]),
  };
  const from = { source, origin: { kind: 'http' as const }, record: new OriginRecord() };
  return { state, came, fetch: (signal = never) => runs.fetch(from, run, on, signal) };
}

describe('ThreadRuns', () => {
  it('passes on what comes, and how many pieces that were', async () => {
    const { fetch, came } = setUp(async ({ onBytes, onPiece, originTag }) => {
      onBytes(7);
      onPiece(3, true);
      return originTag;
    });
    assert.equal(await fetch(), 1);
    assert.deepEqual(came, [7, [3, true]]);
  });

  it('leaves a run alone while no thread is free, limits hold, or pieces are large', async () => {
    const { state, fetch } = setUp(async () => 2);
    state.takesRun = false;
    assert.equal(await fetch(), 0);
    Object.assign(state, { takesRun: true, isFree: false });
    assert.equal(await fetch(), 0);
    state.isFree = true;
    assert.equal(await fetch(), 2);
    const large = setUp(async () => 2, 8 << 20);
    assert.equal(await large.fetch(), 0);
    assert.deepEqual([state.lent, large.state.lent], [1, 0]);
  });

  it('does not go on trying what a thread cannot read', async () => {
    let count: number | undefined = 0;
    const { state, fetch } = setUp(async () => count);
    assert.equal(await fetch(), 0, 'a connection may break');
    count = 1;
    assert.equal(await fetch(), 1);
    for (count of [0, undefined, 0]) assert.equal(await fetch(), 0, 'no thread is no failure');
    count = 2;
    assert.equal(await fetch(), 0);
    assert.equal(state.lent, 5);
  });

  it('ends with the signal, and a run that was ended says nothing against its source', async () => {
    const control = new AbortController();
    const { state, fetch } = setUp(async () => {
      control.abort();
      return 0;
    });
    await assert.rejects(fetch(control.signal), (e) => isSluiceError(e, 'Cancelled'));
    await assert.rejects(fetch(control.signal), (e) => isSluiceError(e, 'Cancelled'));
    assert.equal(state.lent, 2);
  });
});
