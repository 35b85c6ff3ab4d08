import { inSubnetOf, type OwnAddress } from './own-address.ts';

/** The values of DORestrictPeerSelectionBy: 0, 1 and 2 (policies.md §5). */
export type PeerRestriction = 'none' | 'subnet' | 'local';

/**
 * Whether DORestrictPeerSelectionBy lets this device have a peer, in every mode that uses peers (the
 * documents disagree on mode 3; who restricts does not expect peers of the Internet). Both 1 and 2 rule
 * out other subnets; with 2 the peer must have been found on the local network besides, which in
 * group mode only members of the group can be.
 * @param own the device's addresses with their subnets.
 * @param address the peer's, with zone where it has one.
 * @param foundLocally whether local discovery named this peer.
 */
export function mayPeer(
  restriction: PeerRestriction,
  own: readonly OwnAddress[],
  address: string,
  foundLocally: boolean,
): boolean {
  if (restriction === 'none') return true;
  if (restriction === 'local' && !foundLocally) return false;
  return own.some((o) => inSubnetOf(o, address));
}
