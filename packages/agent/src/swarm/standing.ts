import type { PieceMap } from '@sluice/protocol';
import type { Member } from './member.ts';
import type { PeerClass } from './peer-class.ts';

/** What a connection is worth to this device, or should be; the first field counts most. */
export interface Standing {
  /** 0: no use to us, and we of none to it; 1: some, or nobody knows; 2: it brings what we lack, or a seed serves it. */
  use: 0 | 1 | 2;
  /** 2: on the site; 1: of the group; 0: from elsewhere. */
  nearness: 0 | 1 | 2;
}

/** What decides of what use a peer is to this device. */
export interface OwnSide {
  /** What is here. */
  pieces: PieceMap;
  mayUpload: (to: PeerClass) => boolean;
}

/** A peer that is not connected, by what is said of it. */
export interface Newcomer {
  peerClass: PeerClass;
  /** Said to have everything. */
  isSeed: boolean;
  /** Named by the array or heard on the local network: not only by itself or another peer. */
  isVouchedFor: boolean;
}

const nearness = { Lan: 2, LinkLocal: 2, Group: 1, Internet: 0 } as const;

export function standingOf(member: Member, { pieces, mayUpload }: OwnSide): Standing {
  const { has, peerClass, hello } = member;
  const near = nearness[peerClass];
  const takes = mayUpload(peerClass) && pieces.firstNotIn(has, 0) >= 0;
  if (pieces.complete) return { use: takes ? 2 : 0, nearness: near };
  // Who fetches for the site has nothing for us yet, and will.
  const sharesWork = near === 2 && hello?.mayUseHttp === true && hello.features.includes('claim');
  const brings = sharesWork || has.firstNotIn(pieces, 0) >= 0;
  return { use: brings ? 2 : takes ? 1 : 0, nearness: near };
}

export function expectedStanding(newcomer: Newcomer, { pieces, mayUpload }: OwnSide): Standing {
  const { peerClass, isSeed, isVouchedFor } = newcomer;
  const near = nearness[peerClass];
  if (pieces.complete) {
    const takes = !isSeed && mayUpload(peerClass);
    return { use: !takes ? 0 : isVouchedFor ? 2 : 1, nearness: near };
  }
  const brings = isVouchedFor && (isSeed || near === 2);
  return { use: brings ? 2 : 1, nearness: near };
}

/** Whether `a` is worth changing `b` for: that takes trouble, so of equals the one that is there stays. */
export function isBetter(a: Standing, b: Standing): boolean {
  return compareStandings(a, b) > 0;
}

/** Above 0 when `a` is worth more. */
export function compareStandings(a: Standing, b: Standing): number {
  return a.use - b.use || a.nearness - b.nearness;
}

/** Nobody can be worth more. */
export function isBest({ use, nearness: near }: Standing): boolean {
  return use === 2 && near === 2;
}
