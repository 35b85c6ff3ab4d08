import type { CacheNodeView } from '@sluice/protocol';
import { bestMatch, parseCidr } from './cidr.ts';

/** Hosts that a device is told: more it would not try. */
const maxHosts = 4;

/**
 * The cache hosts for a device, best first: of the narrowest network around it, healthy before those
 * with issues, then those with the least to do.
 */
export function hostsFor(nodes: readonly CacheNodeView[], ip: string): string[] {
  const near = nodes.flatMap((node) => {
    if (!node.IsHandedOut || node.PublicHost === null) return [];
    const networks = node.Cidrs.map((text) => parseCidr(text)).filter((c) => c !== undefined);
    const match = bestMatch(networks, ip);
    return match < 0
      ? []
      : [{ host: node.PublicHost, match, sick: sickness(node), load: loadOf(node) }];
  });
  near.sort(
    (a, b) => b.match - a.match || a.sick - b.sick || a.load - b.load || (a.host < b.host ? -1 : 1),
  );
  return near.slice(0, maxHosts).map(({ host }) => host);
}

function sickness({ State }: CacheNodeView): number {
  return State === 'Healthy' ? 0 : 1;
}

/** Of what it may send, the share that it does; without a limit, as if that were 10 Gbit/s. */
function loadOf({ Heartbeat, MaxAllowableEgressInMbps }: CacheNodeView): number {
  return (Heartbeat?.EgressMbps ?? 0) / (MaxAllowableEgressInMbps ?? 10_000);
}
