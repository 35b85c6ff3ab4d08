import { type ErrorEntry, ExitCode } from './error-entry.ts';

/** Errors of: disk. */
export const diskErrors = {
  DiskFull: {
    message: 'the disk that holds {path} is full: {detail}',
    remedy:
      'Free some space or choose another place (--data-dir, -o), then run it again: it goes on where it stopped.',
    exitCode: ExitCode.Disk,
    hresult: 0x80070070,
  },
  DiskUnwritable: {
    message: '{path} cannot be written: {detail}',
    remedy:
      'Check its permissions and that its file system is not read-only, or give another --data-dir.',
    exitCode: ExitCode.Disk,
    hresult: 0x80070005,
  },
  DiskFailed: {
    message: 'the disk failed at {path}: {detail}',
    remedy: 'Look into the system log and check the health of the disk.',
    exitCode: ExitCode.Disk,
    hresult: 0x8007045d,
  },
  TargetUnwritable: {
    message: 'the target {path} cannot be written: {detail}',
    remedy: 'Create the folder, fix its permissions, or name another target (-o FILE).',
    exitCode: ExitCode.Disk,
    hresult: 0x80070005,
  },
  FileUnreadable: {
    message: '{path} cannot be read: {detail}',
    remedy: 'Check the name of the file and its permissions.',
    exitCode: ExitCode.Disk,
  },
  FileChanged: {
    message: '{path} changed while it was read',
    remedy: 'Run it again when nothing writes to the file any more.',
    exitCode: ExitCode.Integrity,
  },
} as const satisfies Record<string, ErrorEntry>;
