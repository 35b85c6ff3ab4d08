import { type ErrorEntry, ExitCode } from './error-entry.ts';

/** Errors of: general. */
export const generalErrors = {
  Internal: {
    message: 'internal fault: {detail}',
    remedy: 'Please report this with the log of the run (--log-level debug).',
    exitCode: ExitCode.Failed,
  },
  InvalidArgument: {
    message: '{name}: {detail}',
    remedy: 'See --help for what is accepted.',
    exitCode: ExitCode.Usage,
  },
  ScenarioInvalid: {
    message: 'scenario {scenario}: {detail}',
    remedy:
      'See docs/simulator.md for what a scenario has; packages/simulator/scenarios has examples.',
    exitCode: ExitCode.Usage,
  },
  Cancelled: {
    message: 'cancelled',
    remedy: 'Run the same command again: a download goes on where it stopped.',
    exitCode: ExitCode.Cancelled,
  },
} as const satisfies Record<string, ErrorEntry>;
