/**
 * The `sluice` command: reads the command line, runs one command, ends with its exit code.
 * @module
 */
import { exitCodes } from './errors/exit-codes.ts';
import { report, runCommandLine } from './run-command-line.ts';

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
process.on('uncaughtException', async (error) => process.exit(await report(error, args)));

// A variable that is set to nothing counts as not set.
for (const [name, value] of Object.entries(process.env)) {
  if (name.startsWith('SLUICE_') && value === '') delete process.env[name];
}

const code = await runCommandLine(args);
// What the command opened it has closed. Idle keep-alive connections must not hold the process.
process.stdout.write('', (fault) => {
  // Of what could not be written the stream's own handler tells.
  if (!fault) process.exit(code);
});
