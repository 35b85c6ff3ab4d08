/**
 * `npm run build`: bundles the command, so that it starts faster, unless that is done. `npm ci` does it
 * too (`--if-possible`): without a bundle everything runs from the sources.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFolder, isFresh, readBundle } from '../packages/cli/bin/bundle.js';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
const ifPossible = process.argv.includes('--if-possible');
try {
  if (!isBuilt()) {
    const { buildBundle } = await import('./bundle/build-bundle.ts');
    await buildBundle(root);
  }
} catch (error) {
  if (!ifPossible) throw error;
  // Without development packages, or where esbuild does not run.
  console.error(`sluice runs from its sources: ${(error as Error).message}`);
}

function isBuilt(): boolean {
  const bundle = readBundle(root);
  const isThere = (name: string) => existsSync(path.join(root, bundleFolder, name));
  return bundle !== undefined && isFresh(root, bundle) && bundle.outputs.every(isThere);
}
