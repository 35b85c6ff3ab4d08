import type { Command } from 'commander';
import { exitCodes } from './errors/exit-codes.ts';
import { report, runCommandLine } from './run-command-line.ts';

/** The process of one command: reads the command line, runs the command, ends with its exit code. */
export async function runProcess(buildProgram: () => Command): Promise<void> {
  const args = process.argv.slice(2);

  // Whoever reads the output may stop early (`| head`): then a program ends, and has nothing to say about it.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', endWithoutOutput);
  }
  process.on('uncaughtException', async (error) => process.exit(await report(error, args)));

  // A variable that is set to nothing counts as not set.
  for (const [name, value] of Object.entries(process.env)) {
    if (name.startsWith('SLUICE_') && value === '') delete process.env[name];
  }

  const code = await runCommandLine(args, buildProgram);
  // What the command opened it has closed. Idle keep-alive connections must not hold the process.
  process.stdout.write('', (error) => {
    if (error) endWithoutOutput(error);
    process.exit(code);
  });
}

function endWithoutOutput(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(exitCodes.OutputClosed[0]);
  process.stderr.write(`sluice: the output cannot be written: ${error.message}\n`);
  process.exit(exitCodes.Disk[0]);
}
