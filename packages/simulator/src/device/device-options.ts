import type { PieceMap } from '@sluice/protocol';
import type { PipeId } from '../network/flow-network.ts';
import type { Node, Route } from './link.ts';
import type { MemberFacts } from './membership.ts';
import type { Origin } from './origin.ts';

/** An origin as one device reaches it. */
export interface OriginRoute {
  origin: Origin;
  kind: 'http' | 'cache';
  /** From the origin to the device, without the origin's own. */
  pipes: PipeId[];
  /** Request to first byte, ms. */
  latencyMs: number;
}

/** What a device of a fleet is and has. */
export interface DeviceOptions {
  index: number;
  facts: MemberFacts;
  site: number;
  origins: OriginRoute[];
  has: PieceMap;
  /** Bytes/s. */
  up: number;
  down: number;
  /** For its scheduler. */
  random: () => number;
  foreground: boolean;
  /** One way to the cloud, ms. */
  cloudMs: number;
  isCloudReachable: () => boolean;
  peerOf: (peerId: string) => Node | undefined;
  routeTo: (other: Node) => Route;
}
