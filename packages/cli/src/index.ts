/**
 * The `sluice` command as a tree, for what is generated from it (documentation, completion). To run it,
 * start `bin/sluice.js`.
 * @module
 */
export { buildProgram } from './program.ts';
