import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CollectingSink } from '../source/testing/collecting-sink.ts';
import { Overflow } from './overflow.ts';
import { PeerFetch } from './peer-fetch.ts';
import { until } from './testing/until.ts';

function setUp() {
  const events: string[] = [];
  const overflow = new Overflow({
    place: (fetch, bytes) => fetch.place(bytes),
    refused(fetch, error) {
      events.push(`refused: ${(error as Error).message}`);
      fetch.done.catch(() => {});
      fetch.fail(error);
    },
    emptied: () => events.push('emptied'),
  });
  return { overflow, events };
}

const fetchTo = (sink: CollectingSink) => new PeerFetch({ start: 0, end: 1_000 }, sink);

describe('Overflow', () => {
  it('gives the bytes when there is room, then says so', async () => {
    const { overflow, events } = setUp();
    const sink = new CollectingSink(0);
    overflow.add(fetchTo(sink), Buffer.from('abcdef'));
    assert.equal(overflow.empty, false);
    await sink.starved;
    sink.allow(4);
    await until(() => sink.length === 4);
    assert.deepEqual(events, []);
    sink.allow(4);
    await until(() => events.length > 0);
    assert.equal(sink.bytes.toString(), 'abcdef');
    assert.deepEqual(events, ['emptied']);
    assert.equal(overflow.empty, true);
  });

  it('keeps a copy: the chunk is used again', async () => {
    const { overflow, events } = setUp();
    const sink = new CollectingSink(100);
    const chunk = Buffer.from('abc');
    overflow.add(fetchTo(sink), chunk);
    chunk.fill('x');
    await until(() => events.length > 0);
    assert.equal(sink.bytes.toString(), 'abc');
  });

  it('never gives at once, even if there is room', () => {
    const { overflow, events } = setUp();
    overflow.add(fetchTo(new CollectingSink()), Buffer.from('abc'));
    assert.deepEqual(events, []);
    assert.equal(overflow.empty, false);
  });

  it('keeps the order over several fetches', async () => {
    const { overflow, events } = setUp();
    const [first, second] = [new CollectingSink(0), new CollectingSink()];
    overflow.add(fetchTo(first), Buffer.from('1'));
    overflow.add(fetchTo(second), Buffer.from('2'));
    await first.starved;
    assert.equal(second.length, 0);
    first.allow(1);
    await until(() => events.length > 0);
    assert.equal(second.length, 1);
  });

  it('drops what a fetch that is over no longer wants', async () => {
    const { overflow, events } = setUp();
    const sink = new CollectingSink(0);
    const fetch = fetchTo(sink);
    fetch.done.catch(() => {});
    overflow.add(fetch, Buffer.from('abc'));
    await sink.starved;
    fetch.fail(new Error('given up'));
    overflow.wake();
    await until(() => events.length > 0);
    assert.deepEqual(events, ['emptied']);
    assert.equal(sink.length, 0);
  });

  it('ends a fetch whose sink will never have room', async () => {
    const { overflow, events } = setUp();
    const sink = new CollectingSink(0);
    overflow.add(fetchTo(sink), Buffer.from('abc'));
    await sink.starved;
    sink.refuse(new Error('full'));
    await until(() => events.length > 1);
    assert.deepEqual(events, ['refused: full', 'emptied']);
  });

  it('forgets everything', async () => {
    const { overflow, events } = setUp();
    const sink = new CollectingSink(0);
    overflow.add(fetchTo(sink), Buffer.from('abc'));
    await sink.starved;
    overflow.clear();
    assert.equal(overflow.empty, true);
    await until(() => events.length > 0);
    assert.equal(sink.length, 0);
  });
});
