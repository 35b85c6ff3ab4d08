/**
 * The `sluice` command as a tree, for what is generated from it (documentation, completion), and the
 * demo's fleet of real processes, for tests from end to end. To run the command, start `bin/sluice.js`.
 * @module
 */
export { writeDemoFile } from './demo/demo-file.ts';
export { DemoFleet, type Device, ungated } from './demo/demo-fleet.ts';
export { ServerProcess } from './demo/server-process.ts';
export { logLevels } from './process/log-level.ts';
export { buildProgram } from './program.ts';
export { formatTable } from './terminal/table.ts';
