/**
 * `npm run build`: bundles the command, so that it starts faster, and builds the console, each unless that
 * is done. `npm ci` does it too (`--if-possible`): without a bundle everything runs from the sources, and
 * the cloud says that it has no console.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bundle, bundleFolder, isFresh, readBundle } from '../packages/cli/bin/bundle.js';
import { consoleFolder, readConsoleRecord } from './console/console-record.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
const ifPossible = process.argv.includes('--if-possible');

await unlessBuilt(bundleFolder, readBundle(root), 'sluice runs from its sources', async () => {
  const { buildBundle } = await import('./bundle/build-bundle.ts');
  await buildBundle(root);
  if (process.argv.includes('--untrained')) return;
  const { trainBundle } = await import('./bundle/train.ts');
  await trainBundle(root).catch((error: Error) => {
    console.error(`sluice works, and starts slower: its trial run failed: ${error.message}`);
  });
});
await unlessBuilt(
  consoleFolder,
  readConsoleRecord(root),
  'the cloud has no console until `npm run build` works',
  async () => {
    const { buildConsole } = await import('./console/build-console.ts');
    await buildConsole(root);
  },
);

async function unlessBuilt(
  folder: string,
  record: Bundle | undefined,
  otherwise: string,
  build: () => Promise<void>,
): Promise<void> {
  const isThere = (name: string) => existsSync(path.join(root, folder, name));
  if (record && isFresh(root, record) && record.outputs.every(isThere)) return;
  try {
    await build();
  } catch (error) {
    if (!ifPossible) throw error;
    // Without development packages, or where esbuild does not run.
    console.error(`${otherwise}: ${(error as Error).message}`);
  }
}
