/**
 * `sluice agent` alone, for the bundle: what runs on every device has nothing of the other commands in memory.
 * @module
 */
import { agentCommand } from './commands/agent.ts';
import { programOf } from './program-of.ts';
import { runProcess } from './run-process.ts';

// Not awaited: the bundle has it as CommonJS (`bin/code.js`), where nothing waits at the top of a file.
void runProcess(() => programOf([agentCommand()]));
