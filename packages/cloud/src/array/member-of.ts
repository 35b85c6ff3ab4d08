import { type JoinRequest, sluiceError } from '@sluice/protocol';
import { maxPeersWanted } from '@sluice/protocol/schemas';
import type { SwarmMember } from '../registry/swarm-registry.ts';
import { localIp } from './reported-ip.ts';

const defaultPort = 7680;
const defaultPeersWanted = 20;
/** Download mode LAN, the default of Delivery Optimization (policies.md §3). */
const defaultScope = 1;

const guid = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/;

/** A join request, its schema checked, as a member of a swarm. @throws RequestInvalid */
export function memberOf(request: JoinRequest, externalIp: string): SwarmMember {
  const port = Number(request.Port || defaultPort);
  if (port < 1 || port > 65_535) {
    throw sluiceError('RequestInvalid', { detail: 'Port is not from 1 to 65535' });
  }
  return {
    peerId: request.PeerId.toLowerCase(),
    externalIp,
    localIp: localIp(request.ReportedIp, externalIp),
    port,
    left: Number(request.Left),
    scope: request.Scope === undefined ? defaultScope : Number(request.Scope),
    groupKey: groupKey(request.GroupId),
    restrictedUpload: request.RestrictedUpload === '1',
  };
}

/** How many peers the device gets at the most, 0 to `maxPeersWanted`. */
export function peersWanted(request: JoinRequest): number {
  const wanted = request.PeersWanted ? Number(request.PeersWanted) : defaultPeersWanted;
  return Math.min(maxPeersWanted, Math.max(0, wanted));
}

/** GUIDs are the same in either case, in braces or not. */
function groupKey(groupId: string | undefined): string | undefined {
  if (!groupId) return undefined;
  const key = guid.exec(groupId.toLowerCase())?.[1];
  // A group id is nearly a secret: what was sent is not repeated.
  if (!key) throw sluiceError('RequestInvalid', { detail: 'GroupId is not a GUID' });
  return key;
}
