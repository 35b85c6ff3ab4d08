import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Right from here, and from the bundle of the command in `packages/cli/dist`. */
const folder = fileURLToPath(new URL('../../console/dist/', import.meta.url));

const suffixes = { br: '.br', gzip: '.gz', identity: '' } as const;
export type AssetEncoding = keyof typeof suffixes;

/** Hashed names, as the build writes them: nothing else is ever looked for. */
const assetName = /^[a-z-]{1,40}-[A-Z0-9]{8}\.(?:js|css)$/;

/** The page that loads the rest; undefined: the console was not built. */
export function consolePage(): Promise<Buffer | undefined> {
  return readIfThere(`${folder}index.html`);
}

/** A file that the page names, packed as asked; undefined: there is none of this name. */
export async function consoleAsset(
  name: string,
  encoding: AssetEncoding,
): Promise<Buffer | undefined> {
  if (!assetName.test(name)) return undefined;
  return readIfThere(`${folder}assets/${name}${suffixes[encoding]}`);
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
