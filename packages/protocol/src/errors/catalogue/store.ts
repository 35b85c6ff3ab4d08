import { type ErrorEntry, ExitCode } from './error-entry.ts';

/** Errors of: content store. */
export const storeErrors = {
  ContentBusy: {
    message: '{key} is in use by {owner}',
    remedy: 'Wait until it ends, or give another --data-dir.',
    exitCode: ExitCode.Busy,
  },
  ContentChanged: {
    message: 'the stored bytes of {key} are no longer those that were downloaded: {detail}',
    remedy: 'Download it again: the stored copy is dropped.',
    exitCode: ExitCode.Integrity,
  },
  StoreClosed: {
    message: 'the stored copy of {key} is closed',
    remedy: 'Nothing to do; the download has ended.',
    exitCode: ExitCode.Failed,
  },
  PieceWorkerLost: {
    message: 'the thread that writes pieces to disk ended: {detail}',
    remedy: 'The pieces in flight are fetched again; if it happens again, look at free memory.',
    exitCode: ExitCode.Disk,
  },
} as const satisfies Record<string, ErrorEntry>;
