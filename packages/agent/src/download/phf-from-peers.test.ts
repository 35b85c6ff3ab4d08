import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  decodePhfRequest,
  formatPiecesHashFile,
  ManualClock,
  maxPhfBytes,
  type PhfData,
  type SwarmMessage,
} from '@sluice/protocol';
import type { Member } from '../swarm/member.ts';
import type { SwarmWatcher } from '../swarm/swarm-options.ts';
import { bytesOf, mib, phfOf } from '../testing/device.test-kit.ts';
import { phfFromPeers } from './phf-from-peers.ts';

const phf = phfOf(bytesOf(4 * mib));
const right = Buffer.from(formatPiecesHashFile(phf));
/** A hash list by itself, of another content. */
const wrong = Buffer.from(formatPiecesHashFile(phfOf(bytesOf(5 * mib))));

/** An inquiry among peers, each of which answers a request for the list from an offset on, or does not. */
function world(answers: ((offset: number) => PhfData | undefined)[], named = answers.length) {
  const clock = new ManualClock();
  const asked: number[] = [];
  let watcher: SwarmWatcher | undefined;
  const members = answers.map((answer, i): Member => {
    const send = (message: SwarmMessage) => {
      if (message.type !== 'extension') return;
      const { offset } = decodePhfRequest(message.body);
      asked.push(i);
      const data = answer(offset);
      if (data) setImmediate(() => watcher?.phf(member, data));
    };
    const member = { hello: { features: ['phf'] }, connection: { send } } as unknown as Member;
    return member;
  });
  const swarm = {
    get members() {
      return members.values();
    },
    watch(given: SwarmWatcher | undefined) {
      watcher = given;
      for (const member of members) given?.joined(member);
    },
  };
  const control = new AbortController();
  const found = phfFromPeers(
    swarm,
    phf.hashOfHashes,
    Promise.resolve(named),
    clock,
    control.signal,
  );
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const tell = (i: number, data: PhfData) => watcher?.phf(members[i]!, data);
  const leave = (i: number) => watcher?.left(members[i]!);
  return {
    clock,
    asked,
    found,
    settle,
    tell,
    leave,
    control,
    isWatched: () => watcher !== undefined,
  };
}

const giving = (list: Buffer, part: number) => (offset: number) => ({
  total: list.length,
  offset,
  bytes: list.subarray(offset, offset + part),
});

suite('the hash list from peers', () => {
  test('comes in parts, from one peer', async () => {
    const w = world([giving(right, 100), giving(right, 100)]);
    assert.equal((await w.found)?.hashOfHashes, phf.hashOfHashes);
    assert.deepEqual(new Set(w.asked), new Set([0]));
    assert.deepEqual([w.isWatched(), w.clock.pending], [false, 0]);
  });

  const liars: [name: string, answer: (offset: number) => PhfData | undefined][] = [
    ['of another content', giving(wrong, wrong.length)],
    ['that is none', giving(Buffer.from('{"no":"list"}'), 99)],
    ['longer than any', () => ({ total: maxPhfBytes + 1, offset: 0, bytes: right })],
    ['longer than it says', () => ({ total: 10, offset: 0, bytes: right })],
  ];
  for (const [name, answer] of liars) {
    test(`${name}: the next one is asked at once`, async () => {
      const w = world([answer, giving(right, right.length)]);
      assert.equal((await w.found)?.hashOfHashes, phf.hashOfHashes);
      assert.deepEqual(w.asked, [0, 1]);
    });
  }

  test('who does not answer, or not what it was asked, is left for the next one soon', async () => {
    const elsewhere = () => ({ total: right.length, offset: 7, bytes: right.subarray(7) });
    const w = world([() => undefined, elsewhere, giving(right, right.length)]);
    await w.settle();
    w.clock.advance(1_500);
    await w.settle();
    w.clock.advance(1_500);
    assert.equal((await w.found)?.hashOfHashes, phf.hashOfHashes);
    assert.deepEqual(w.asked, [0, 1, 2]);
  });

  test('who sends a byte now and then keeps nobody from asking the next one', async () => {
    const w = world([() => undefined, giving(right, right.length)]);
    await w.settle();
    for (let offset = 0; offset < 2; offset++) {
      w.clock.advance(1_000);
      w.tell(0, { total: maxPhfBytes, offset, bytes: right.subarray(0, 1) });
      await w.settle();
    }
    assert.deepEqual(w.asked, [0, 0, 1]);
    assert.equal((await w.found)?.hashOfHashes, phf.hashOfHashes);
  });

  test('who is slow goes on where it was when its turn comes again', async () => {
    const w = world([() => undefined, giving(wrong, wrong.length)]);
    const half = right.length >> 1;
    await w.settle();
    w.tell(0, { total: right.length, offset: 0, bytes: right.subarray(0, half) });
    w.clock.advance(1_500);
    await w.settle();
    assert.deepEqual(w.asked, [0, 0, 1, 0]);
    w.tell(0, { total: right.length, offset: half, bytes: right.subarray(half) });
    assert.equal((await w.found)?.hashOfHashes, phf.hashOfHashes);
  });

  test('who leaves is not waited for', async () => {
    const w = world([() => undefined, giving(right, right.length)]);
    await w.settle();
    w.tell(0, { total: right.length, offset: 0, bytes: right.subarray(0, 9) });
    w.leave(0);
    assert.equal((await w.found)?.hashOfHashes, phf.hashOfHashes);
    assert.deepEqual([w.asked, w.clock.pending], [[0, 0, 1], 0]);
  });

  test('nobody has one that verifies: none, after five seconds', async () => {
    const w = world([giving(wrong, wrong.length), giving(wrong, 50)]);
    await w.settle();
    w.clock.advance(5_000);
    assert.equal(await w.found, undefined);
    assert.deepEqual([w.isWatched(), w.clock.pending], [false, 0]);
  });

  test('nobody is there, or it is not wanted any more: none, at once', async () => {
    assert.equal(await world([], 0).found, undefined);
    const w = world([() => undefined]);
    await w.settle();
    w.control.abort();
    assert.equal(await w.found, undefined);
    assert.deepEqual([w.isWatched(), w.clock.pending], [false, 0]);
  });
});
