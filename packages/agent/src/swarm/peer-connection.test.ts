import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ExtensionId, encodePieceHeader, isSluiceError, ManualClock } from '@sluice/protocol';
import { CollectingSink } from '../source/testing/collecting-sink.ts';
import { PeerConnection } from './peer-connection.ts';
import { type ConnectionPair, connectionPair } from './testing/connection-pair.ts';
import { contentOf } from './testing/device.ts';
import { socketPair } from './testing/socket-pair.ts';
import { until } from './testing/until.ts';

const never = new AbortController().signal;
const pieceSize = 65_536;
const bytes = contentOf(10);
const whole = { start: 0, end: bytes.length };
const piece = (i: number) => ({ start: i * pieceSize, end: (i + 1) * pieceSize });
const withCode = (code: string) => (e: unknown) => isSluiceError(e) && e.code === code;
const connect = () => connectionPair(bytes, { pieceSize });

/** Sends part of a block of which the rest is to follow. */
function begin(pair: ConnectionPair, i: number, length: number): void {
  const header = encodePieceHeader(i, 0, pieceSize);
  const content = bytes.subarray(i * pieceSize, i * pieceSize + length);
  pair.server.sendPart({ header, content, last: false }, () => {});
}

function goOn(pair: ConnectionPair, i: number, from: number): void {
  const content = bytes.subarray(i * pieceSize + from, (i + 1) * pieceSize);
  pair.server.sendPart({ header: undefined, content, last: true }, () => {});
}

describe('PeerConnection as a source', () => {
  it('says where it goes, and refuses what the content has not', async () => {
    await using pair = await connect();
    assert.match(pair.fetcher.label, /^127\.0\.0\.1:\d+$/);
    const beyond = { start: 0, end: bytes.length + 1 };
    await assert.rejects(
      pair.fetcher.fetch(beyond, new CollectingSink(), never),
      withCode('SourceShort'),
    );
  });

  it('cannot fetch before the content is known', async () => {
    await using sockets = await socketPair();
    const connection = new PeerConnection({
      socket: sockets.dialled,
      peerId: '1'.repeat(40),
      incoming: false,
      geometry: () => undefined,
      clock: new ManualClock(),
      onMessage: () => {},
      onClosed: () => {},
    });
    connection.start(new Uint8Array(0));
    assert.equal((await connection.open(never)).contentLength, undefined);
    const fetch = connection.fetch({ start: 0, end: 1 }, new CollectingSink(), never);
    await assert.rejects(fetch, withCode('Internal'));
  });

  it('fails with PeerLost, which may be tried again, when the peer goes', async () => {
    await using pair = await connect();
    pair.onRequest = () => pair.server.destroy();
    const lost = (e: unknown) =>
      isSluiceError(e, 'PeerLost') &&
      e.params.retryable === true &&
      e.message.includes('127.0.0.1');
    await assert.rejects(pair.fetcher.fetch(whole, new CollectingSink(), never), lost);
    await assert.rejects(pair.fetcher.fetch(whole, new CollectingSink(), never), lost);
    assert.ok(lost(pair.ended.fetcher));
    assert.equal(pair.clock.pending, 0);
  });

  it('asks for no more than 128 blocks at once', async () => {
    const many = contentOf(300);
    await using pair = await connectionPair(many, { pieceSize });
    const waiting: (() => void)[] = [];
    pair.onRequest = (request) => waiting.push(() => pair.uploads.request(request));
    const sink = new CollectingSink();
    const fetched = pair.fetcher.fetch({ start: 0, end: many.length }, sink, never);
    await until(() => waiting.length === 128);
    for (let i = 0; i < 20; i++) await turn();
    assert.equal(waiting.length, 128);
    pair.onRequest = undefined;
    for (const serve of waiting) serve();
    await fetched;
    assert.ok(sink.bytes.equals(many));
  });

  it('asks again after a choke, of a peer that forgot what it was asked', async () => {
    await using pair = await connect();
    pair.onRequest = () => {};
    const sink = new CollectingSink();
    const fetched = pair.fetcher.fetch(piece(3), sink, never);
    await until(() => pair.told.some((m) => m.type === 'request'));
    pair.onRequest = undefined;
    pair.server.send({ type: 'unchoke' });
    pair.server.send({ type: 'choke' });
    pair.server.send({ type: 'unchoke' });
    await fetched;
    assert.equal(pair.told.filter((m) => m.type === 'request').length, 2);
    assert.ok(sink.bytes.equals(bytes.subarray(piece(3).start, piece(3).end)));
  });

  it('bears with a peer that serves what it was asked before the choke as well', async () => {
    await using pair = await connect();
    const asked: (() => void)[] = [];
    pair.onRequest = (request) => asked.push(() => pair.uploads.request(request));
    const fetched = pair.fetcher.fetch(piece(3), new CollectingSink(), never);
    await until(() => asked.length === 1);
    pair.server.send({ type: 'choke' });
    pair.server.send({ type: 'unchoke' });
    await until(() => asked.length === 2);
    for (const serve of asked) serve();
    await fetched;
    await until(() => pair.uploads.idle);
    pair.onRequest = undefined;
    await pair.fetcher.fetch(piece(4), new CollectingSink(), never);
  });

  it('bears with a block that crossed the cancel, also when it is asked for again', async () => {
    await using pair = await connect();
    const asked: (() => void)[] = [];
    pair.onRequest = (request) => asked.push(() => pair.uploads.request(request));
    const abort = new AbortController();
    const first = pair.fetcher.fetch(piece(2), new CollectingSink(), abort.signal);
    await until(() => asked.length === 1);
    abort.abort();
    await assert.rejects(first, withCode('Cancelled'));
    const sink = new CollectingSink();
    const second = pair.fetcher.fetch(piece(2), sink, never);
    await until(() => asked.length === 2);
    for (const serve of asked) serve();
    await second;
    pair.onRequest = undefined;
    const next = new CollectingSink();
    await pair.fetcher.fetch(piece(5), next, never);
    assert.ok(sink.bytes.equals(bytes.subarray(piece(2).start, piece(2).end)));
    assert.ok(next.bytes.equals(bytes.subarray(piece(5).start, piece(5).end)));
  });

  it('goes on after a fetch was aborted while it waited for room', async () => {
    await using pair = await connect();
    const abort = new AbortController();
    const sink = new CollectingSink(1_000);
    // As the pool of the agent does.
    abort.signal.addEventListener('abort', () => sink.refuse(new Error('aborted')));
    const first = pair.fetcher.fetch(whole, sink, abort.signal);
    await sink.starved;
    await turn();
    abort.abort();
    await assert.rejects(first, withCode('Cancelled'));
    const next = new CollectingSink();
    await pair.fetcher.fetch(whole, next, never);
    assert.ok(next.bytes.equals(bytes));
  });
});

describe('PeerConnection, aborted in the middle of a block', () => {
  /** A fetch whose block has begun to come and that waits for the rest. */
  async function waiting(pair: ConnectionPair, signal: AbortSignal) {
    pair.onRequest = () => {};
    const sink = new CollectingSink();
    const fetched = pair.fetcher.fetch(piece(1), sink, signal);
    let settled = false;
    fetched
      .catch(() => {})
      .finally(() => {
        settled = true;
      });
    await until(() => pair.told.some((m) => m.type === 'request'));
    begin(pair, 1, 20_000);
    await until(() => sink.length === 20_000);
    return { fetched, sink, isSettled: () => settled };
  }

  it('lets go of the buffer only when the socket has', async () => {
    await using pair = await connect();
    const abort = new AbortController();
    const { fetched, sink, isSettled } = await waiting(pair, abort.signal);
    abort.abort();
    for (let i = 0; i < 10; i++) await turn();
    assert.equal(isSettled(), false);
    goOn(pair, 1, 20_000);
    await assert.rejects(fetched, withCode('Cancelled'));
    assert.equal(sink.length, 20_000);
    assert.equal(pair.clock.pending, 2, 'the two keep-alives');
    pair.onRequest = undefined;
    const next = new CollectingSink();
    await pair.fetcher.fetch(piece(6), next, never);
    assert.ok(next.bytes.equals(bytes.subarray(piece(6).start, piece(6).end)));
  });

  it('drops a peer that then stays silent for a second', async () => {
    await using pair = await connect();
    const abort = new AbortController();
    const { fetched, isSettled } = await waiting(pair, abort.signal);
    abort.abort();
    pair.clock.advance(999);
    for (let i = 0; i < 10; i++) await turn();
    assert.equal(isSettled(), false);
    pair.clock.advance(1);
    await assert.rejects(fetched, withCode('Cancelled'));
    assert.ok(isSluiceError(pair.ended.fetcher, 'PeerStalled'));
  });

  it('drops a peer at once that has been silent so long already', async () => {
    await using pair = await connect();
    const abort = new AbortController();
    const { fetched } = await waiting(pair, abort.signal);
    pair.clock.advance(1_000);
    abort.abort();
    pair.clock.advance(0);
    await assert.rejects(fetched, withCode('Cancelled'));
    assert.ok(isSluiceError(pair.ended.fetcher, 'PeerStalled'));
  });
});

describe('PeerConnection', () => {
  it('says that it is there, and drops a peer that does not', async () => {
    await using pair = await connect();
    pair.clock.advance(60_000);
    await until(() => pair.told.some((m) => m.type === 'keepAlive'));
    // Meanwhile nothing comes, as neither side has a turn to read.
    pair.clock.advance(180_000);
    await until(() => pair.ended.fetcher !== undefined && pair.ended.server !== undefined);
    const ends = [pair.ended.fetcher, pair.ended.server];
    assert.ok(ends.some((e) => isSluiceError(e, 'PeerStalled')));
    assert.equal(pair.clock.pending, 0);
  });

  it('drops a peer for which too much waits', async () => {
    await using pair = await connect();
    // The far side reads nothing while it waits for room.
    const sink = new CollectingSink(0);
    const fetched = pair.fetcher.fetch(whole, sink, never);
    fetched.catch(() => {});
    await sink.starved;
    const body = new Uint8Array(1_000_000);
    let sent = 0;
    while (pair.server.ending === undefined) {
      pair.server.send({ type: 'extension', id: 99, body });
      assert.ok(++sent < 20);
      await turn();
    }
    assert.ok(isSluiceError(pair.server.ending, 'PeerNotReading'));
    await until(() => pair.uploads.idle);
    // Who does not read does not notice either.
    sink.allow(bytes.length);
    await assert.rejects(fetched, withCode('PeerLost'));
    assert.equal(pair.buffers.inUse, 0);
  });

  it('ignores what a peer says after that for which it was dropped', async () => {
    await using sockets = await socketPair();
    const told: string[] = [];
    let ended: unknown;
    const connection: PeerConnection = new PeerConnection({
      socket: sockets.accepted,
      peerId: '1'.repeat(40),
      incoming: true,
      geometry: () => undefined,
      clock: new ManualClock(),
      onMessage(message) {
        told.push(message.type);
        connection.destroy(new Error('enough'));
      },
      onClosed: (error) => {
        ended = error;
      },
    });
    const choke = Buffer.from([0, 0, 0, 1, 0]);
    connection.start(Buffer.concat([choke, choke, choke]));
    await until(() => ended !== undefined);
    assert.deepEqual(told, ['choke']);
    assert.equal((ended as Error).message, 'enough');
  });

  it('keeps messages out of blocks that are being sent', async () => {
    await using pair = await connect();
    pair.onRequest = () => {};
    const sink = new CollectingSink();
    const fetched = pair.fetcher.fetch(piece(0), sink, never);
    await until(() => pair.told.some((m) => m.type === 'request'));
    begin(pair, 0, 100);
    pair.server.send({ type: 'have', piece: 1 });
    pair.server.send({ type: 'extension', id: ExtensionId.peers, body: new Uint8Array(3) });
    goOn(pair, 0, 100);
    await fetched;
    assert.ok(sink.bytes.equals(bytes.subarray(0, pieceSize)));
    assert.equal(pair.fetcher.ending, undefined);
  });
});
