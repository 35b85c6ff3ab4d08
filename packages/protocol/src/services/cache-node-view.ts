import type { HeartbeatRequest } from './cache-node.ts';

/** What an admin says of a node. */
export interface CacheNodeSettings {
  /** Devices of these networks are told of it. */
  Cidrs: string[];
  MaxAllowableEgressInMbps: number | null;
  IsEnabled: boolean;
  Drives: { Path: string; SizeInGb: number }[];
}

/** As the portal names them (connected-cache.md §2); registering is one step here and has no state. */
export type CacheNodeState =
  | 'Not configured'
  | 'Not provisioned'
  | 'Never phoned home'
  | 'Healthy'
  | 'Unhealthy';

/** A node as the admin API shows it. */
export interface CacheNodeView extends CacheNodeSettings {
  Name: string;
  CacheNodeId: string;
  State: CacheNodeState;
  /** Whether devices are told of it at the moment. */
  IsHandedOut: boolean;
  PublicHost: string | null;
  /** ISO 8601. */
  LastHeartbeat: string | null;
  Heartbeat: Omit<HeartbeatRequest, 'Jobs'> | null;
}

export type PreheatJobState = 'Waiting' | 'Running' | 'Ended' | 'Cancelled';

/** A job of preheating as the admin API shows it. */
export interface PreheatJobView {
  Id: string;
  State: PreheatJobState;
  Urls: string[];
  Rate: number | null;
  /** ISO 8601; of a job that waits. */
  NextRun: string | null;
  EverySeconds: number | null;
  Runs: number;
  /** Of the last run. */
  Results: HeartbeatRequest['Jobs'][number]['Results'];
}
