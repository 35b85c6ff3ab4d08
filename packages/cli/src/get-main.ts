/**
 * `sluice get` alone, for the bundle: as a file of its own it starts in half the time, since of the other
 * commands nothing is loaded or made.
 * @module
 */
import { getCommand } from './commands/get.ts';
import { programOf } from './program-of.ts';
import { runProcess } from './run-process.ts';

// Not awaited: the bundle has it as CommonJS (`bin/code.js`), where nothing waits at the top of a file.
void runProcess(() => programOf([getCommand()]));
