import type { PeerId } from '@sluice/protocol';

/**
 * The rendezvous (highest random weight) score of a peer for a group of pieces: an unsigned 32-bit
 * number that every device computes alike, so it is part of what devices agree on; see the vectors
 * in the test before changing a constant.
 */
export function rendezvousScore(salt: number, group: number, peer: number): number {
  return scoreOfKeys(peerKey(salt, peer), groupKey(group));
}

/** What a score has of the peer: for who asks of many groups. */
export function peerKey(salt: number, peer: number): number {
  return mix(peer ^ salt);
}

/** What it has of the group: for who asks of many peers. */
export function groupKey(group: number): number {
  return mix(group + 0x9e3779b9);
}

/** The score of their keys, see `rendezvousScore`. */
export function scoreOfKeys(peer: number, group: number): number {
  return mix(peer ^ group);
}

/**
 * A score as it counts for a peer whose share is halved `handicap` times: the highest of scores taken to
 * the power of 1/weight falls on a peer as often as its weight says. Squares only, so that every device
 * comes to the same number to the last bit.
 * @returns in (0, 1)
 */
export function handicapped(score: number, handicap: number): number {
  let u = (score + 0.5) / 2 ** 32;
  for (let i = 0; i < handicap; i++) u *= u;
  return u;
}

/** A peer id folded to 32 bits for `rendezvousScore`. */
export function foldPeerId(id: PeerId): number {
  let h = 0;
  for (let i = 0; i < id.length; i += 8) {
    h = mix(h ^ Number.parseInt(id.slice(i, i + 8), 16));
  }
  return h;
}

/** A full-avalanche 32-bit mixer (xor-shift-multiply). */
function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}
