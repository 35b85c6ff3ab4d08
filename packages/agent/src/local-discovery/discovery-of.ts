import { type Clock, type PeerId, sluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { OwnAddress } from '../network/own-address.ts';
import type { PeerRestriction } from '../network/peer-restriction.ts';
import { DnsSd } from './dns-sd.ts';
import type { LocalDiscovery } from './local-discovery.ts';

/** What an agent was told of local discovery. */
interface DiscoveryOptions {
  localDiscovery?: boolean | LocalDiscovery | undefined;
  restrictPeerSelectionBy?: PeerRestriction | undefined;
  random?: (() => number) | undefined;
}

/** @throws InvalidArgument: only peers found locally, and none looked for, is no peers at all. */
export function checkDiscovery(options: DiscoveryOptions): void {
  if (options.restrictPeerSelectionBy !== 'local' || options.localDiscovery !== false) return;
  throw sluiceError('InvalidArgument', {
    name: 'restrict peer selection by local',
    detail: 'it needs local discovery',
  });
}

/** How an agent finds peers on the local network; undefined when it does not. */
export function discoveryOf(
  { localDiscovery = true, random = Math.random }: DiscoveryOptions,
  device: { self: PeerId; own: () => OwnAddress[]; clock: Clock; logger: Logger },
): LocalDiscovery | undefined {
  if (localDiscovery === false) return undefined;
  return localDiscovery === true ? new DnsSd({ ...device, random }) : localDiscovery;
}
