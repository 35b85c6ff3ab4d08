import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { Responsibility } from './responsibility.ts';
import { Round } from './round.ts';
import { type PeerState, sourceState } from './source-state.ts';
import { peerId } from './world.test-kit.ts';

const pieceSize = 1 << 20;

function peer(id: number): PeerState {
  const has = PieceMap.full(4);
  const spec = {
    id,
    kind: 'peer',
    peerId: peerId(id),
    sameSite: true,
    sharesWork: false,
    has,
  } as const;
  return sourceState(spec, 0) as PeerState;
}

function roundAt(now: number, peers: PeerState[]): Round {
  return new Round({
    now,
    pieceSize,
    origins: [],
    peers,
    flow: { rate: 0, firstRate: 0, pending: 0, askedMs: 0 },
    haste: 'background',
    foreground: false,
    restMs: 0,
    patience: { chokePatience: 10_000, silencePatience: 5_000, judgeAfter: 2 },
    responsibility: new Responsibility(4, 7, peerId(1)),
  });
}

test('who chokes us is waited for as a queue, and believed no faster than it was', () => {
  const [slow, unknown] = [peer(2), peer(3)];
  slow.goodput.setBusy(true, 0);
  for (let now = 100; now <= 4_000; now += 100) slow.goodput.received(pieceSize / 100, now);
  slow.goodput.setBusy(false, 4_000);
  for (const p of [slow, unknown]) p.chokeAt = 4_000;
  const round = roundAt(5_000, [slow, unknown]);
  // A tenth of a piece a second.
  assert.ok(Math.abs(round.arrivalMs(slow) - 10_000) < 500, `${round.arrivalMs(slow)}`);
  assert.equal(round.arrivalMs(unknown), 0);
  const later = roundAt(14_001, [slow, unknown]);
  assert.equal(later.soonest(0), Number.POSITIVE_INFINITY);
});
