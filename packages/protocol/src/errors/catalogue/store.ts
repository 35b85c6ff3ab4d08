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
  FileUnknown: {
    message: 'the store has no file {id}',
    remedy: 'List those it has with `sluice cache list`.',
    exitCode: ExitCode.Usage,
    hresult: 0x80070490,
  },
  PinRefused: {
    message: '{id} cannot be pinned: it was downloaded in mode {mode}',
    remedy: 'Only content of the download modes Lan, Group and Internet can be pinned.',
    exitCode: ExitCode.Failed,
    hresult: 0x80d06818,
  },
  PinnedNeedsForce: {
    message: '{id} is pinned',
    remedy: 'Give --include-pinned to delete it all the same, or unpin it first.',
    exitCode: ExitCode.Failed,
    hresult: 0x80d06819,
  },
} as const satisfies Record<string, ErrorEntry>;
