import { readFile } from 'node:fs/promises';
import { sluiceError } from '@sluice/protocol';
import { csvPlaces } from './csv-places.ts';
import { mmdbPlaces } from './mmdb-places.ts';
import type { Place, Places } from './places.ts';

/** Reads files that tell where addresses are. Of each field the first file that knows it counts. @throws InvalidArgument */
export async function readPlaces(files: readonly string[]): Promise<Places> {
  const all = await Promise.all(files.map(readOne));
  return {
    find(ip) {
      const found = all.flatMap((places) => places.find(ip) ?? []);
      if (found.length === 0) return undefined;
      const first = (name: keyof Place) =>
        found.find((place) => place[name] !== null)?.[name] ?? null;
      return { city: first('city'), country: first('country'), isp: first('isp') };
    },
  };
}

async function readOne(file: string): Promise<Places> {
  try {
    const bytes = await readFile(file);
    return file.endsWith('.mmdb') ? await mmdbPlaces(bytes) : csvPlaces(bytes.toString('utf8'));
  } catch (cause) {
    const detail = `${file}: ${cause instanceof Error ? cause.message : cause}`;
    throw sluiceError('InvalidArgument', { name: 'the geo file', detail }, { cause });
  }
}
