import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Receiver, SwarmSocket } from './swarm-socket.ts';
import { socketPair } from './testing/socket-pair.ts';
import { until } from './testing/until.ts';

const never = new AbortController().signal;

/** Takes all, into own memory when told to. */
class Recorder implements Receiver {
  taken = '';
  placedBytes = '';
  ends: (Error | undefined)[] = [];
  place: Uint8Array | undefined;
  goOn = true;
  target = () => this.place;
  placed(n: number): void {
    this.placedBytes += Buffer.from(this.place!.subarray(0, n)).toString();
  }
  take(chunk: Uint8Array): boolean {
    this.taken += Buffer.from(chunk).toString();
    return this.goOn;
  }
  closed(error: Error | undefined): void {
    this.ends.push(error);
  }
}

for (const events of [false, true]) {
  describe(`SwarmSocket, accepted side ${events ? 'by events' : 'into own buffers'}`, () => {
    it('keeps what comes before there is a receiver', async () => {
      await using pair = await socketPair(events);
      for (const [from, to] of [
        [pair.dialled, pair.accepted],
        [pair.accepted, pair.dialled],
      ] as const) {
        await new Promise((resolve) => from.write([Buffer.from('early')], resolve));
        for (let i = 0; i < 5; i++) await turn();
        const recorder = new Recorder();
        to.setReceiver(recorder);
        to.resume();
        await until(() => recorder.taken === 'early');
      }
    });

    it('stops reading when a chunk is refused, until it is resumed', async () => {
      await using pair = await socketPair(events);
      const recorder = new Recorder();
      recorder.goOn = false;
      pair.accepted.setReceiver(recorder);
      pair.accepted.resume();
      pair.dialled.write([Buffer.from('one')]);
      await until(() => recorder.taken === 'one');
      await new Promise((resolve) => pair.dialled.write([Buffer.from('two')], resolve));
      for (let i = 0; i < 20; i++) await turn();
      assert.equal(recorder.taken, 'one');
      pair.accepted.resume();
      await until(() => recorder.taken === 'onetwo');
    });

    it('tells the receiver once that it is over, also one that comes late', async () => {
      await using pair = await socketPair(events);
      const recorder = new Recorder();
      pair.accepted.setReceiver(recorder);
      pair.accepted.resume();
      pair.dialled.destroy();
      await pair.accepted.gone;
      assert.deepEqual(recorder.ends, [undefined]);
      const late = new Recorder();
      pair.accepted.setReceiver(late);
      assert.deepEqual(late.ends, [undefined]);
    });

    it('tells with which error it was destroyed', async () => {
      await using pair = await socketPair(events);
      const recorder = new Recorder();
      pair.accepted.setReceiver(recorder);
      const error = new Error('bad peer');
      pair.accepted.destroy(error);
      pair.accepted.destroy(new Error('another'));
      await pair.accepted.gone;
      assert.deepEqual(recorder.ends, [error]);
    });

    it('says whether what it wrote was sent', async () => {
      await using pair = await socketPair(events);
      const sent = await new Promise((resolve) =>
        pair.accepted.write([Buffer.from('a'), Buffer.from('b')], resolve),
      );
      assert.equal(sent, true);
      // More than the kernel takes from a peer that does not read.
      const large = Buffer.alloc(64 * 1_048_576);
      const outcome = new Promise((resolve) => pair.accepted.write([large], resolve));
      const behind = new Promise((resolve) => pair.accepted.write([large], resolve));
      await turn();
      assert.ok(pair.accepted.unsent >= large.length);
      pair.accepted.destroy();
      assert.deepEqual(await Promise.all([outcome, behind]), [false, false]);
      const late = await new Promise((resolve) => pair.accepted.write([large], resolve));
      assert.equal(late, false);
    });

    it('knows the address of the other side, also when it is gone', async () => {
      await using pair = await socketPair(events);
      pair.accepted.destroy();
      await pair.accepted.gone;
      assert.equal(pair.accepted.remoteAddress, '127.0.0.1');
      assert.ok(pair.accepted.remotePort > 0);
    });
  });
}

describe('SwarmSocket', () => {
  it('reads straight to the target', async () => {
    for (const to of ['dialled', 'accepted'] as const) {
      await using pair = await socketPair();
      const recorder = new Recorder();
      pair[to].setReceiver(recorder);
      pair[to].resume();
      const from = to === 'dialled' ? pair.accepted : pair.dialled;
      from.write([Buffer.from('head')]);
      // The place of the first read was named before there was a receiver.
      await until(() => recorder.taken === 'head');
      recorder.place = new Uint8Array(4);
      from.write([Buffer.from('x')]);
      await until(() => recorder.taken === 'headx');
      from.write([Buffer.from('12345678')]);
      await until(() => recorder.placedBytes === '12345678');
      assert.equal(recorder.taken, 'headx');
    }
  });

  it('names no target while it is paused', async () => {
    await using pair = await socketPair();
    const recorder = new Recorder();
    let asked = 0;
    recorder.target = () => {
      asked++;
      return undefined;
    };
    recorder.goOn = false;
    pair.dialled.setReceiver(recorder);
    pair.dialled.resume();
    pair.accepted.write([Buffer.from('x')]);
    await until(() => recorder.taken === 'x');
    await turn();
    assert.equal(asked, 0);
  });

  it('rejects what cannot be reached', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    await assert.rejects(SwarmSocket.dial('127.0.0.1', port, never), { code: 'ECONNREFUSED' });
  });

  it('ends an attempt when told to', async () => {
    const reason = new Error('no more');
    await assert.rejects(SwarmSocket.dial('127.0.0.1', 9, AbortSignal.abort(reason)), reason);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const abort = new AbortController();
    const { port } = server.address() as AddressInfo;
    const dialled = SwarmSocket.dial('127.0.0.1', port, abort.signal);
    abort.abort(reason);
    await assert.rejects(dialled, reason);
    server.close();
  });

  it('outlives the signal of the attempt', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const abort = new AbortController();
    const { port } = server.address() as AddressInfo;
    const socket = await SwarmSocket.dial('127.0.0.1', port, abort.signal);
    abort.abort();
    const sent = await new Promise((resolve) => socket.write([Buffer.from('x')], resolve));
    assert.equal(sent, true);
    socket.destroy();
    await socket.gone;
    server.close();
  });
});
