/**
 * Ends the command with an exit code after it has itself said, in full and in the asked format, what
 * is wrong.
 */
export class ReportedFailure extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.name = 'ReportedFailure';
    this.exitCode = exitCode;
  }
}
