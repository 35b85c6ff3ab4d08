/**
 * The `sluice` command: reads the command line, runs one command, ends with its exit code.
 * @module
 */
import { buildProgram } from './program.ts';
import { runProcess } from './run-process.ts';

await runProcess(buildProgram);
