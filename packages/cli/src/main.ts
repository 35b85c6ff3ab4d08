/**
 * The `sluice` command: reads the command line, runs one command, ends with its exit code.
 * @module
 */
import { CommanderError } from 'commander';
import { exitCodes } from './errors/exit-codes.ts';
import { reportError } from './errors/report-error.ts';
import { buildProgram } from './program.ts';

const args = process.argv.slice(2);

// Whoever reads the output may stop early (`| head`): no fault of anybody.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    // At once: the end of the command, well done, would come before a report.
    process.stderr.write(`sluice: the output cannot be written: ${error.message}\n`);
    process.exit(exitCodes.Disk[0]);
  });
}
process.on('uncaughtException', async (error) => process.exit(await report(error)));

// A variable that is set to nothing counts as not set.
for (const [name, value] of Object.entries(process.env)) {
  if (name.startsWith('SLUICE_') && value === '') delete process.env[name];
}

const code = await run();
// What the command opened it has closed. Idle keep-alive connections must not hold the process.
process.stdout.write('', () => process.exit(code));

async function run(): Promise<number> {
  try {
    await buildProgram().parseAsync(args, { from: 'user' });
    return exitCodes.Ok[0];
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error);
    // Help and version were printed. Help in place of a missing subcommand is an answer to an error.
    return error.code === 'commander.help' ? exitCodes.Usage[0] : error.exitCode;
  }
}

function report(error: unknown): Promise<number> {
  const level = args.findIndex((arg) => arg === '--log-level' || arg.startsWith('--log-level='));
  const value = args[level]?.split('=')[1] ?? args[level + 1];
  const debug = level >= 0 && (value === 'debug' || value === 'trace');
  return reportError(error, { json: args.includes('--json'), debug });
}
