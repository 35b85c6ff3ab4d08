import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldPeerId, handicapped, rendezvousScore } from './rendezvous.ts';
import { peerId } from './world.test-kit.ts';

/** Part of what devices agree on: a device of another version must come to the same numbers. */
const folded = [
  ['0000000000000000000000000000000000000000', 0],
  ['0000000000000000000000000000000100000000', 1_492_470_133],
  ['6f1d3a52c8e94b07a1d5e2f30b4c9d8e00000000', 3_003_076_226],
] as const;
const scores: [salt: number, group: number, peer: number, score: number][] = [
  [0, 0, 0, 2_926_543_089],
  [4711, 0, 1, 2_520_425_977],
  [4711, 1, 1, 2_830_389_935],
  [0xffffffff, 0xffffffff, 0xffffffff, 2_385_989_600],
  [7, 12_345, 0x9e3779b9, 607_065_527],
];

test('fixed vectors', () => {
  assert.deepEqual(
    folded.map(([id]) => [id, foldPeerId(id)]),
    folded.map((f) => [...f]),
  );
  assert.deepEqual(
    scores.map(([salt, group, peer]) => [salt, group, peer, rendezvousScore(salt, group, peer)]),
    scores,
  );
});

test('a handicapped score is its square, again and again, to the last bit', () => {
  assert.equal(handicapped(0x7fff_ffff, 0), 0.5 - 2 ** -33);
  assert.equal(handicapped(0x8000_0000, 0), 0.5 + 2 ** -33);
  assert.equal(
    handicapped(0x8000_0000, 2),
    handicapped(0x8000_0000, 0) ** 2 * handicapped(0x8000_0000, 0) ** 2,
  );
  assert.ok(handicapped(0, 4) > 0 && handicapped(0xffff_ffff, 0) < 1);
});

test('scores are unsigned 32-bit numbers', () => {
  for (let g = 0; g < 10_000; g++) {
    const score = rendezvousScore(-5, g, -g);
    assert.ok(Number.isInteger(score) && score >= 0 && score <= 0xffffffff);
  }
});

test('the highest score falls evenly on peers, for any salt', () => {
  const peers = Array.from({ length: 10 }, (_, k) => foldPeerId(peerId(k)));
  const groups = 20_000;
  for (const salt of [0, 1, 4711, 0xdeadbeef]) {
    const won = new Array<number>(peers.length).fill(0);
    for (let g = 0; g < groups; g++) {
      const all = peers.map((p) => rendezvousScore(salt, g, p));
      won[all.indexOf(Math.max(...all))]!++;
    }
    // Chi-squared with 9 degrees of freedom: above 33.7 once in 10,000 for even chances.
    const even = groups / peers.length;
    const chi = won.reduce((sum, n) => sum + (n - even) ** 2 / even, 0);
    assert.ok(chi < 33.7, `chi² ${chi} for salt ${salt}: ${won}`);
  }
});

test('one bit of any input changes half of the bits of the score', () => {
  let changed = 0;
  let compared = 0;
  for (let k = 0; k < 500; k++) {
    const args = [k * 2_654_435_761, k, k * 40_503] as const;
    const base = rendezvousScore(...args);
    for (let bit = 0; bit < 32; bit++) {
      for (let which = 0; which < 3; which++) {
        const flipped = args.map((a, i) => (i === which ? a ^ (1 << bit) : a));
        const [salt, group, peer] = flipped as [number, number, number];
        changed += bits(base ^ rendezvousScore(salt, group, peer));
        compared += 32;
      }
    }
  }
  assert.ok(Math.abs(changed / compared - 0.5) < 0.01, `${changed / compared}`);
});

function bits(x: number): number {
  let n = 0;
  for (let b = x >>> 0; b !== 0; b = (b & (b - 1)) >>> 0) n++;
  return n;
}
