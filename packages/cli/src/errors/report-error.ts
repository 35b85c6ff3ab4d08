import type { ErrorReport } from '@sluice/protocol';
import { printJson } from '../terminal/print.ts';
import { exitCodes } from './exit-codes.ts';
import { ReportedFailure } from './reported-failure.ts';
import { UsageError } from './usage-error.ts';

interface ReportOptions {
  /** Also prints `{"Error": …}` on standard output. */
  json: boolean;
  /** Adds the stack and the causes. */
  debug: boolean;
}

/**
 * Says what went wrong: `sluice: <message>` and a line with the remedy, on standard error.
 * @returns the exit code.
 */
export async function reportError(error: unknown, options: ReportOptions): Promise<number> {
  if (error instanceof ReportedFailure) return error.exitCode;
  const report = await describe(error);
  printReport(report);
  if (options.debug) console.error(error);
  if (options.json) printJson({ Error: report });
  return report.ExitCode;
}

/** The two lines of an error on standard error. */
export function printReport(report: ErrorReport): void {
  process.stderr.write(`sluice: ${report.Message}\n  ${report.Remedy}\n`);
}

async function describe(error: unknown): Promise<ErrorReport> {
  if (error instanceof UsageError) {
    return {
      Code: 'InvalidArgument',
      Message: error.message,
      Remedy: `See \`${error.command} --help\`.`,
      ExitCode: exitCodes.Usage[0],
    };
  }
  const { toSluiceError } = await import('@sluice/protocol');
  const { code, message, remedy, exitCode } = toSluiceError(error);
  return { Code: code, Message: message, Remedy: remedy, ExitCode: exitCode };
}
