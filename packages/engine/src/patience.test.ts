import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import fc from 'fast-check';
import { claimMs, patienceMs } from './patience.ts';
import { type PeerState, sourceState } from './source-state.ts';
import { peerId } from './world.test-kit.ts';

const pieceSize = 1 << 20;

function claimer(claims: number, rate: number, delivered = 0): PeerState {
  const has = new PieceMap(100);
  const spec = {
    id: 1,
    kind: 'peer' as const,
    peerId: peerId(1),
    sameSite: true,
    sharesWork: true,
    has,
  };
  const peer = sourceState(spec, 0) as PeerState;
  for (let k = 0; k < claims; k++)
    peer.claims.push({ run: { first: k, count: 1 }, since: 0, brought: false, lacks: 1, next: 0 });
  peer.claimedRate = rate;
  peer.delivered = delivered;
  return peer;
}

test('a device that has work and claims none is given three seconds', () => {
  assert.equal(patienceMs(claimer(0, 1e6), pieceSize, 0), 3_000);
  assert.equal(patienceMs(claimer(0, 1e6), pieceSize, 60_000), 3_000);
});

test('who fetches several at once brings the first so much later', () => {
  assert.equal(claimMs(claimer(1, pieceSize), pieceSize), 1_000);
  assert.equal(claimMs(claimer(4, pieceSize), pieceSize), 4_000);
  assert.equal(claimMs(claimer(4, 0), pieceSize), 0);
});

test('waits three times what the claimer says it takes', () => {
  assert.equal(patienceMs(claimer(1, pieceSize / 2), pieceSize, 0), 6_000);
});

test('where many begin together, what one says of its first moments does not count', () => {
  const fast = 4 * pieceSize;
  const patience = (delivered: number, isCrowd: boolean) =>
    patienceMs(claimer(1, fast, delivered), pieceSize, 0, 0, isCrowd);
  assert.equal(patience(0, true), 6_000);
  assert.equal(patience(1, true), 3_000, 'it has shown what it can');
  assert.equal(patience(0, false), 3_000);
});

test('on a line that is slow for all, waits by what a piece takes this device', () => {
  // Twelve devices on 2 Mbit/s: fifty seconds a piece, and nobody has finished one yet.
  assert.ok(patienceMs(claimer(1, 0), pieceSize, 50_000) >= 150_000);
});

test('does not wait for one that is much slower than this device, at its word', () => {
  assert.ok(patienceMs(claimer(1, 1_024), pieceSize, 1_000) <= 12_000);
});

test('an unknown that claims at a crawl is not believed for long; one that delivered is, longer', () => {
  assert.equal(patienceMs(claimer(1, 1_024), pieceSize, 0), 15_000);
  assert.equal(patienceMs(claimer(1, 1_024, 3), pieceSize, 0), 120_000);
});

test('who streams from the start once more is given time to come to what is new', () => {
  assert.equal(
    patienceMs(claimer(1, pieceSize), pieceSize, 0, 9),
    15_000,
    'no more than an unknown gets',
  );
  assert.equal(patienceMs(claimer(1, pieceSize, 1), pieceSize, 0, 9), 30_000);
});

test('never less than the least, never without end', () => {
  fc.assert(
    fc.property(
      fc.nat(64),
      fc.double({ min: 0, max: 1e10, noNaN: true }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.nat(10),
      (claims, rate, mine, delivered) => {
        const ms = patienceMs(claimer(claims, rate, delivered), pieceSize, mine);
        assert.ok(ms >= 3_000 && ms <= Math.max(120_000, 12 * mine), `${ms}`);
      },
    ),
  );
});
