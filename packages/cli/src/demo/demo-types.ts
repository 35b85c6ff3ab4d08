import type { DownloadStatus } from '@sluice/protocol';

/** What `sluice demo` is asked for. */
export interface DemoOptions {
  /** Device agents, 1 to 64. */
  devices: number;
  /** Bytes of the generated file; not used with `file`. */
  size: number;
  /** Absolute path of a real file to use. */
  file: string | undefined;
  /** Leave the folder with all results there, and say where it is. */
  keep: boolean;
  /** Show it in the console of its cloud, slowly enough to watch, and go on until it is stopped. */
  open: boolean;
}

/** How a running demo shows itself. */
export interface DemoRender {
  /** The state of device `number`, counted from 1. */
  device(number: number, status: DownloadStatus): void;
  /** A line above the bars: what was started, what happened. */
  log(line: string): void;
  /** All devices are done; with `open` everything still runs. */
  done(report: DemoReport): void;
}

/** What came out, as `--json` prints it. Bytes and milliseconds. */
export interface DemoReport {
  FileSize: number;
  Sha256: string;
  Devices: DownloadStatus[];
  /** Bytes of content that left the HTTP source. */
  SourceBytes: number;
  /** Sum over the devices. */
  DuplicateBytes: number;
  ElapsedMs: number;
}

/** Runs the demo. @throws what went wrong, Cancelled when `signal` is aborted; all is closed then. */
export type RunDemo = (
  options: DemoOptions,
  render: DemoRender,
  signal: AbortSignal,
) => Promise<DemoReport>;
