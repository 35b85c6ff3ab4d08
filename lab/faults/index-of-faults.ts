import type { Fault } from './fault.ts';
import { lyingPeers } from './lying-peers.ts';
import { deadPeers, overloadedPeers, slowPeers } from './peers.ts';
import { slowCacheNode, slowCloud } from './servers.ts';

/** In the order in which they can be raised together: what has to download first comes first. */
export const faults: readonly Fault[] = [
  slowPeers,
  overloadedPeers,
  deadPeers,
  lyingPeers,
  slowCacheNode,
  slowCloud,
];
