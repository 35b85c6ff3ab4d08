import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { DecisionLog } from '@sluice/engine';
import { encodePieceHeader, PieceMap, pieceCount, pieceRange } from '@sluice/protocol';
import { pino } from 'pino';
import { LiveValue } from '../policy/live-value.ts';
import { TestSettings } from '../policy/test-settings.test-kit.ts';
import { RateControl } from '../rate/rate-control.ts';
import type { RunSink } from '../source/index.ts';
import { CollectingSink } from '../source/testing/collecting-sink.ts';
import type { ContentEntry } from '../store/index.ts';
import { contentOf, testDevice } from '../swarm/testing/device.ts';
import { RawPeer } from '../swarm/testing/raw-peer.ts';
import { until } from '../swarm/testing/until.ts';
import type { OriginSource } from './origins.ts';
import { Transfer } from './transfer.ts';

const bytes = contentOf(4);

/** A device that lacks all of a content, on a clock that stands still, and its transfer. */
async function world() {
  const device = await testDevice({ id: 1 });
  const { clock, swarm } = device;
  const { entry, ...geometry } = device.learn(bytes, 'nothing');
  const { pieces } = entry;
  const stored = {
    pieces,
    takesRun: false,
    async writePiece(piece: number) {
      pieces.set(piece);
      return true;
    },
  };
  const foreground = new LiveValue(true);
  const today = () => new Date(0);
  const rates = new RateControl({ clock, today, settings: new TestSettings(), own: () => [] });
  let nextId = 1_000;
  const transfer = new Transfer({
    entry: stored as unknown as ContentEntry,
    log: new DecisionLog(),
    geometry,
    maxBufferBytes: 4 * geometry.pieceSize,
    mustStaySame: () => false,
    self: device.id,
    salt: 0,
    foreground,
    backgroundQos: () => 0,
    rates: rates.forTransfer(foreground),
    clock,
    random: () => 0,
    logger: pino({ level: 'silent' }),
    nextSourceId: () => ++nextId,
    onReceived: () => {},
    waste: { duplicateBytes: 0, badPieces: 0 },
    isMirror: () => false,
    onCache: () => {},
    onGiveUp: () => {},
  });
  transfer.setPeers({ swarm, hopeMs: () => 60_000 });
  /** A peer with these pieces, which serves. */
  const peerWith = async (...has: number[]) => {
    const peer = await RawPeer.join(device.listener.port, 2);
    const map = new PieceMap(pieceCount(geometry));
    for (const piece of has) map.set(piece);
    await peer.say({ type: 'bitfield', bits: map.toBitfield() });
    return peer;
  };
  return {
    ...{ device, swarm, transfer, geometry, pieces, peerWith },
    async [Symbol.asyncDispose]() {
      rates.close();
      await device[Symbol.asyncDispose]();
    },
  };
}

/** An HTTP source that brings what it is asked for when `ready`. */
const http = (asked: () => void, ready: Promise<void>): OriginSource => ({
  kind: 'http',
  label: 'http://source.test/file',
  activeConnections: 0,
  async open() {
    return { contentLength: bytes.length, ranges: true, validator: undefined };
  },
  async fetch({ start, end }, sink: RunSink, signal) {
    asked();
    await ready;
    for (let at = start; at < end && !signal.aborted; ) {
      const space = sink.space();
      if (!space) await sink.ready();
      else {
        const part = bytes.subarray(at, Math.min(end, at + space.length));
        space.set(part);
        sink.filled(part.length);
        at += part.length;
        // A piece that is whole is written before more comes.
        await turn();
      }
    }
  },
  close: async () => {},
});

suite('the end of a transfer', () => {
  /** Has all come over HTTP while a seed is connected, on a clock that stands still. */
  async function endBeside(w: Awaited<ReturnType<typeof world>>, meanwhile: () => Promise<void>) {
    const asked = Promise.withResolvers<void>();
    const ready = Promise.withResolvers<void>();
    w.transfer.addOrigin(http(asked.resolve, ready.promise), false);
    w.transfer.setOriginAllowed(true);
    const run = w.transfer.run(new AbortController().signal);
    await asked.promise;
    const seed = await w.peerWith(0, 1, 2, 3);
    await until(() => [...w.swarm.members].some((m) => m.isSeed));
    await meanwhile();
    ready.resolve();
    await run;
    assert.ok(w.pieces.complete);
    return seed;
  }

  test('lets go of those who have everything, too, a moment after they said something', async () => {
    await using w = await world();
    await using seed = await endBeside(w, async () => {});
    assert.equal(seed.isOver, false);
    w.device.clock.advance(1_000);
    await seed.dropped();
  });

  test('lets go of one that is sending at once', async () => {
    await using w = await world();
    let fetched: Promise<void> | undefined;
    await using seed = await endBeside(w, async () => {
      const [member] = w.swarm.members;
      const range = { start: 0, end: 65_536 };
      fetched = member!.connection.fetch(range, new CollectingSink(), new AbortController().signal);
      await turn();
    });
    await assert.rejects(fetched!);
    await seed.dropped();
  });

  test('waits for no peer in the middle of a block, and keeps who lacks pieces', async () => {
    await using w = await world();
    await using peer = await w.peerWith(0);
    const control = new AbortController();
    const run = w.transfer.run(control.signal);
    await peer.say({ type: 'unchoke' });
    const { piece, offset, length } = await peer.heard('request');
    const content = bytes
      .subarray(pieceRange(w.geometry, piece).start + offset)
      .subarray(0, length);
    await peer.write(encodePieceHeader(piece, offset, length), content.subarray(0, 1_000));
    await until(() => w.transfer.received === 1_000);
    control.abort();
    // The clock stands still: waiting for the peer would take for ever.
    await assert.rejects(run, { code: 'Cancelled' });
    await peer.write(content.subarray(1_000));
    await peer.say({ type: 'have', piece: 1 });
    await until(() => [...w.swarm.members].some((m) => m.has.has(1)));
    assert.equal(peer.isOver, false);
  });
});

test('a transfer that drains ends its requests with the piece they are at, and begins none', async () => {
  await using w = await world();
  const asked = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  // All of it in one request.
  w.transfer.addOrigin(http(asked.resolve, ready.promise), true);
  w.transfer.setOriginAllowed(true);
  const control = new AbortController();
  const run = w.transfer.run(control.signal);
  await asked.promise;
  await w.transfer.drain(1_000);
  const drained = w.transfer.drain(Number.POSITIVE_INFINITY);
  ready.resolve();
  await drained;
  assert.ok(w.pieces.has(0));
  assert.equal(w.pieces.has(3), false);
  control.abort();
  await assert.rejects(run, { code: 'Cancelled' });
});

suite('a transfer that has nothing but peers', () => {
  test('waits five minutes for one that says it has all and sends nothing, and not for ever', async () => {
    await using w = await world();
    await using liar = await w.peerWith(0, 1, 2, 3);
    await until(() => [...w.swarm.members].some((m) => m.isSeed));
    let ended: unknown;
    const run = w.transfer.run(new AbortController().signal).catch((error: unknown) => {
      ended = error;
    });
    const { clock } = w.device;
    const startedAt = clock.now();
    for (let seconds = 0; seconds < 600 && !ended; seconds++) {
      if (seconds % 50 === 0) await liar.say({ type: 'keepAlive' });
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await liar.say({ type: 'keepAlive' });
    assert.equal((ended as { code?: string } | undefined)?.code, 'NoSourceLeft');
    const waited = clock.now() - startedAt;
    assert.ok(waited >= 360_000 && waited < 370_000, `${waited} ms`);
    await run;
  });
});
