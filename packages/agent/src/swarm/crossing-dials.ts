import type { PeerId } from '@sluice/protocol';

/**
 * Whether a new connection to a peer takes the place of the one there is. Two devices that dial each
 * other at the same moment must drop the same one of the two: the one made by the lower peer id.
 */
export function replacesOld(
  self: PeerId,
  peer: PeerId,
  isNewIncoming: boolean,
  isOldIncoming: boolean,
): boolean {
  if (isNewIncoming === isOldIncoming) return false;
  return isNewIncoming === peer > self;
}
