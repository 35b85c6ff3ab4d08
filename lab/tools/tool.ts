import type { LabFile } from '../measure/lab-file.ts';
import type { LabNetwork } from '../network/lab-network.ts';
import type { Site, Spot } from '../network/site.ts';
import type { Usage } from '../process/usage.ts';

/** A machine that wants the file. */
export interface LabDevice extends Spot {
  /** From 1. */
  number: number;
  /** Where it puts things; there, and empty. */
  folder: string;
}

/** What a tool gets to work with. */
export interface Ground {
  network: LabNetwork;
  site: Site;
  devices: readonly LabDevice[];
  /** A machine on the LAN for a cache. */
  cacheSpot: Spot;
  file: LabFile;
  /** Where the source serves the file. */
  url: string;
  /** For what is not a device's; there, and empty. */
  folder: string;
  signal: AbortSignal;
}

/** How one device came out of it. */
export interface DeviceResult {
  /** From the common start, milliseconds. */
  elapsedMs: number;
  usage: Usage;
  /** Payload that came more than once, bytes; undefined where the tool does not tell. */
  duplicateBytes?: number;
}

/** A tool, ready to go. */
export interface ReadyTool extends AsyncDisposable {
  /**
   * Downloads on the device, to its end. The processes go on afterwards where they serve others.
   * @returns the path of the file, and what it took.
   */
  download(device: LabDevice): Promise<{ output: string; duplicateBytes?: number }>;
  /** What the device's process took since it was ready. */
  usage(device: LabDevice): Promise<Usage>;
}

/** One way to bring a file to many devices. */
export interface Tool {
  name: string;
  /** One line for the help. */
  summary: string;
  /** What must be installed: the Debian package and how its presence is found out. */
  needs: readonly Requirement[];
  /** Starts everything that runs before the common start. */
  prepare(ground: Ground): Promise<ReadyTool>;
}

export interface Requirement {
  package: string;
  /** A command that succeeds when it is there. */
  check: readonly [string, ...string[]];
}
