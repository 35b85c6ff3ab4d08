import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSluiceError, ManualClock } from '@sluice/protocol';
import { receiveHandshake } from './exchange-handshake.ts';
import { peerId } from './testing/device.ts';
import { handshakeOf } from './testing/raw-peer.ts';
import { type SocketPair, socketPair } from './testing/socket-pair.ts';
import { until } from './testing/until.ts';

const withCode = (code: string) => (error: unknown) => isSluiceError(error) && error.code === code;

/** @returns a pair of which the accepted side has been told to wait for a handshake. */
async function waiting(): Promise<SocketPair & { clock: ManualClock; received: Promise<unknown> }> {
  const pair = await socketPair();
  const clock = new ManualClock();
  const received = receiveHandshake(pair.accepted, clock);
  received.catch(() => {});
  return { ...pair, clock, received };
}

describe('receiveHandshake', () => {
  it('gives the handshake, and what came behind it', async () => {
    await using pair = await socketPair();
    const clock = new ManualClock();
    pair.dialled.write([handshakeOf(5), Buffer.from('rest')]);
    const { handshake, rest } = await receiveHandshake(pair.accepted, clock);
    assert.equal(handshake.peerId, peerId(5));
    assert.equal(Buffer.from(rest).toString(), 'rest');
    assert.equal(clock.pending, 0);
  });

  it('leaves the socket paused', async () => {
    await using pair = await socketPair();
    pair.dialled.write([handshakeOf(5)]);
    await receiveHandshake(pair.accepted, new ManualClock());
    let taken = '';
    await new Promise((resolve) => pair.dialled.write([Buffer.from('later')], resolve));
    pair.accepted.setReceiver({
      target: () => undefined,
      placed: () => {},
      take(chunk) {
        taken += Buffer.from(chunk).toString();
        return true;
      },
      closed: () => {},
    });
    pair.accepted.resume();
    await until(() => taken === 'later');
  });

  it('takes it byte by byte', async () => {
    await using pair = await waiting();
    for (const byte of handshakeOf(9)) {
      await new Promise((resolve) => pair.dialled.write([Uint8Array.of(byte)], resolve));
    }
    await pair.received;
  });

  it('drops who begins otherwise, without waiting for the rest', async () => {
    for (const wrong of [
      'GET / HTTP/1.1\r\n',
      '\x13BitTorrent protocol',
      '\x0eSwarm protocoX',
      '\0',
    ]) {
      await using pair = await waiting();
      pair.dialled.write([Buffer.from(wrong, 'latin1')]);
      await assert.rejects(pair.received, withCode('InvalidMessage'));
      await pair.accepted.gone;
      assert.equal(pair.clock.pending, 0);
    }
  });

  it('drops who is too slow, even if something comes now and then', async () => {
    await using pair = await waiting();
    const bytes = handshakeOf(3);
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => pair.dialled.write([bytes.subarray(i, i + 1)], resolve));
      pair.clock.advance(1_000);
    }
    await assert.rejects(pair.received, withCode('PeerStalled'));
    await pair.accepted.gone;
  });

  it('rejects when the other side closes first', async () => {
    await using pair = await waiting();
    pair.dialled.write([handshakeOf(3).subarray(0, 74)], () => pair.dialled.destroy());
    await assert.rejects(pair.received, withCode('PeerLost'));
    assert.equal(pair.clock.pending, 0);
  });
});
