import { fileURLToPath } from 'node:url';

/**
 * What to run for another `sluice` process. In a file at this depth, since the bundle is as deep as this
 * folder is.
 */
export const startScript = fileURLToPath(new URL('../bin/start.js', import.meta.url));
