import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hello, PieceMap } from '@sluice/protocol';
import type { Member } from './member.ts';
import type { PeerClass } from './peer-class.ts';
import { expectedStanding, isBetter, standingOf } from './standing.ts';

function mapOf(...pieces: number[]): PieceMap {
  const map = new PieceMap(4);
  for (const p of pieces) map.set(p);
  return map;
}

const all = [0, 1, 2, 3];
const shares: Hello = { features: ['claim'], mayUseHttp: true, listenPort: 1 };
const anyone = () => true;
const nobody = () => false;

type Case = [
  what: string,
  { has: number[]; peerClass: PeerClass; hello?: Hello },
  mine: number[],
  mayUpload: () => boolean,
  use: number,
];
const members: Case[] = [
  ['brings what we lack', { has: [2], peerClass: 'Internet' }, [0, 1], nobody, 2],
  ['only takes', { has: [0], peerClass: 'Internet' }, [0, 1], anyone, 1],
  ['would take, and may not', { has: [0], peerClass: 'Internet' }, [0, 1], nobody, 0],
  ['has just what we have', { has: [0, 1], peerClass: 'Lan' }, [0, 1], anyone, 0],
  ['fetches for the site', { has: [], peerClass: 'Lan', hello: shares }, [0, 1], nobody, 2],
  ['fetches elsewhere', { has: [], peerClass: 'Group', hello: shares }, [0, 1], nobody, 0],
  ['is served by a seed', { has: [0], peerClass: 'Internet' }, all, anyone, 2],
  ['cannot be served by a seed', { has: [0], peerClass: 'Internet' }, all, nobody, 0],
];
for (const [what, peer, mine, mayUpload, use] of members) {
  test(`a peer that ${what}`, () => {
    const member = { ...peer, has: mapOf(...peer.has) } as Member;
    assert.equal(standingOf(member, { pieces: mapOf(...mine), mayUpload }).use, use);
  });
}

test('of those who are not connected seeds and the site count, if somebody vouches for them', () => {
  const pieces = mapOf(0);
  const use = (peerClass: PeerClass, isSeed: boolean, isVouchedFor: boolean) =>
    expectedStanding({ peerClass, isSeed, isVouchedFor }, { pieces, mayUpload: anyone }).use;
  assert.deepEqual(
    [use('Internet', true, true), use('Internet', false, true), use('Lan', false, true)],
    [2, 1, 2],
  );
  assert.deepEqual([use('Internet', true, false), use('Lan', false, false)], [1, 1]);
});

test('use counts before nearness, and of equals none is better', () => {
  const standing = (use: 0 | 1 | 2, nearness: 0 | 1 | 2) => ({ use, nearness });
  assert.ok(isBetter(standing(2, 0), standing(1, 2)));
  assert.ok(isBetter(standing(1, 2), standing(1, 1)));
  assert.ok(!isBetter(standing(2, 2), standing(2, 2)));
});
