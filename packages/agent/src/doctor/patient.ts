import type { GateSettings } from '@sluice/engine';
import type { MonthSnap } from '@sluice/protocol';
import type { PolicyProblem } from '@sluice/protocol/policy';
import type { SpaceProbe } from '../cache/disk-space.ts';
import type { HostWatch } from '../host/host-watch.ts';

/** What is examined. */
export interface Patient {
  dataDir: string;
  /** Of the store. */
  folder: string;
  space: SpaceProbe;
  settings: GateSettings;
  /** Settings that were not taken. */
  problems: readonly PolicyProblem[];
  host: HostWatch;
  cloudUrl: string | undefined;
  /** Those of the device and those that the cloud names, best first. @throws what asking the cloud throws. */
  cacheHosts: (signal: AbortSignal) => Promise<string[]>;
  /** Asks the cloud where its services are. @throws what asking throws. */
  askCloud: (signal: AbortSignal) => Promise<unknown>;
  findsLocally: boolean;
  listenHost: string | undefined;
  peerPort: () => number;
  month: () => MonthSnap;
  /** The URL that was last downloaded, without secrets. */
  lastUrl: () => string | undefined;
}
