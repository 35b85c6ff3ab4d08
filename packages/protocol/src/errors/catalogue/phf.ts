import { type ErrorEntry, ExitCode } from './error-entry.ts';

/** Errors of: pieces hash file. */
export const phfErrors = {
  PhfInvalid: {
    message: 'the pieces hash file is malformed: {detail}',
    remedy: 'Create it again with `sluice phf create`, or check that the URL serves a PHF.',
    exitCode: ExitCode.Integrity,
  },
  PhfMismatch: {
    message: 'the pieces hash file has HashOfHashes {actual}, trusted is {expected}',
    remedy:
      'The hash list is not the one that was published: publish it again or fix the given hash.',
    exitCode: ExitCode.Integrity,
    hresult: 0x80d02017,
  },
  PhfVersion: {
    message: 'the pieces hash file has {key} {value}, only {known} is known',
    remedy: 'Update Sluice, or create the file again with `sluice phf create`.',
    exitCode: ExitCode.Integrity,
  },
  PhfTooLarge: {
    message: 'the pieces hash file is too large: {detail}',
    remedy: 'Publish the content with a larger piece size.',
    exitCode: ExitCode.Integrity,
  },
} as const satisfies Record<string, ErrorEntry>;
