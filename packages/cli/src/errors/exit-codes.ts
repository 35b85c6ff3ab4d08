import type { ExitCode } from '@sluice/protocol';

type Codes = typeof ExitCode;

/**
 * The exit codes and what they mean to a user, for help and documentation. The numbers are those of
 * the protocol package; the type holds them to it, so that the help needs not load the package.
 */
export const exitCodes = {
  Ok: [0, 'all went well'],
  Failed: [1, 'the answer is no (a check that failed), or an unexpected fault'],
  Usage: [2, 'wrong flags or arguments'],
  Network: [3, 'a host cannot be reached, or the connection broke or stalled'],
  Source: [4, 'the source refuses or cannot serve the content'],
  Integrity: [5, 'bytes or a hash list are not what was promised'],
  Disk: [6, 'the local disk: full, unwritable, unreadable'],
  Busy: [7, 'something else holds a port, a lock or the download'],
  Service: [8, 'a Sluice service or the local agent refused'],
  Cancelled: [130, 'ended by Ctrl-C; the same command goes on where it stopped'],
  OutputClosed: [141, 'ended since nobody reads its output any more (`| head`)'],
} as const satisfies { [Name in keyof Codes]: readonly [Codes[Name], string] };

/** The exit codes as lines for the help. */
export function exitCodeTable(): string {
  const lines = Object.values(exitCodes).map(
    ([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`,
  );
  return ['Exit codes:', ...lines].join('\n');
}
