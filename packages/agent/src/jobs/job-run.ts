import { isFinalState, type SluiceError, toSluiceError } from '@sluice/protocol';
import type { Download } from '../download/download.ts';

export type RunEnd = 'done' | 'stopped' | { error: SluiceError };

/** One go at the bytes of a job. */
export interface JobRun {
  /** Never rejects. */
  readonly finished: Promise<RunEnd>;
  /** Bytes of the file that are here, and all; both 0 until they are known. */
  bytes(): { total: number; transferred: number };
  /** It has not begun: others are before it. */
  readonly waits: boolean;
  /** Of its download; undefined while that is being set up. */
  readonly id: string | undefined;
  /** Moves it to the foreground or the background. */
  setForeground(foreground: boolean): void;
  /** Ends it where it is; it may be done before it notices. */
  stop(): void;
}

/** @param begin makes the download. */
export function runOfDownload(begin: () => Promise<Download>): JobRun {
  let download: Download | undefined;
  let isStopped = false;
  /** Said while the download was being set up. */
  let foreground: boolean | undefined;
  const run = async (): Promise<RunEnd> => {
    try {
      download = await begin();
      if (isStopped) void download.abort();
      if (foreground !== undefined) switchTo(download, foreground);
      const { State } = await download.finished;
      if (State === 'Finalized') return 'done';
      if (State === 'Aborted' && isStopped) return 'stopped';
      return { error: download.error ?? toSluiceError(new Error(`ended as ${State}`)) };
    } catch (error) {
      return isStopped ? 'stopped' : { error: toSluiceError(error) };
    }
  };
  return {
    finished: run(),
    bytes: () => {
      if (!download) return { total: 0, transferred: 0 };
      const { fileSize, onDisk } = download.progress;
      return { total: fileSize, transferred: onDisk() };
    },
    get waits() {
      return download === undefined || download.progress.state === 'Created';
    },
    get id() {
      return download?.id;
    },
    setForeground: (value) => {
      if (download) switchTo(download, value);
      else foreground = value;
    },
    stop: () => {
      isStopped = true;
      void download?.abort();
    },
  };
}

/** One that has just ended is not switched. */
function switchTo(download: Download, foreground: boolean): void {
  if (!isFinalState(download.progress.state)) download.setForeground(foreground);
}
