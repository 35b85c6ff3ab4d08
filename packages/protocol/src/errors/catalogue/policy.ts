import { type ErrorEntry, ExitCode } from './error-entry.ts';

/** Errors of: settings and policies. */
export const policyErrors = {
  PolicyFileInvalid: {
    message: 'policy file {file}: {detail}',
    remedy:
      'It takes a Registry.pol, SyncML, or JSON as Intune and Graph export it (docs/policies.md).',
    exitCode: ExitCode.Usage,
  },
  NotOwner: {
    message: 'the settings of {dataDir} belong to {owner}',
    remedy: 'Only the owner of the data directory may change them: run it as that user.',
    exitCode: ExitCode.Usage,
  },
} as const satisfies Record<string, ErrorEntry>;
