import type { LabFile } from '../measure/lab-file.ts';
import type { LabNetwork } from '../network/lab-network.ts';
import type { Site, Spot } from '../network/site.ts';
import type { Usage } from '../process/usage.ts';

/** A machine that wants the file. */
export interface LabDevice extends Spot {
  site: Site;
  /** From 1. */
  number: number;
  /** Where it puts things; there, and empty. */
  folder: string;
}

/** What a tool gets to work with. */
export interface Ground {
  network: LabNetwork;
  /** The first. */
  site: Site;
  sites: readonly Site[];
  /** Of all sites, one after the other. */
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

/** What a tool says of a download. */
export interface ToolAnswer {
  /** The path of the file. */
  output: string;
  /** Payload that came more than once, bytes; undefined where the tool does not tell. */
  duplicateBytes?: number;
  /** Whatever else it tells; goes into the JSON. */
  details?: unknown;
}

/** How one device came out of it. */
export interface DeviceResult extends Omit<ToolAnswer, 'output'> {
  /** From the common start, milliseconds. */
  elapsedMs: number;
  usage: Usage;
}

/** A tool, ready to go. */
export interface ReadyTool extends AsyncDisposable {
  /** Downloads on the device, to its end. Its process goes on afterwards where it serves others. */
  download(device: LabDevice): Promise<ToolAnswer>;
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
