import { type Command, CommanderError } from 'commander';
import { exitCodes } from './errors/exit-codes.ts';
import { reportError } from './errors/report-error.ts';

/** Runs one command, and says what went wrong. @returns its exit code. */
export async function runCommandLine(
  args: readonly string[],
  buildProgram: () => Command,
): Promise<number> {
  try {
    await buildProgram().parseAsync(args, { from: 'user' });
    return exitCodes.Ok[0];
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error, args);
    // Help and version were printed. Help in place of a missing subcommand is an answer to an error.
    return error.code === 'commander.help' ? exitCodes.Usage[0] : error.exitCode;
  }
}

/** Says of a command line what went wrong. @returns the exit code. */
export function report(error: unknown, args: readonly string[]): Promise<number> {
  const level = args.findIndex((arg) => arg === '--log-level' || arg.startsWith('--log-level='));
  const value = args[level]?.split('=')[1] ?? args[level + 1];
  const debug = level >= 0 && (value === 'debug' || value === 'trace');
  return reportError(error, { json: args.includes('--json'), debug });
}
