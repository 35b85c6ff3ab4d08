import { sluiceError } from '@sluice/protocol';
import { readBounded } from '../files/read-bounded.ts';

const maxBytes = 1024 ** 2;

/** The list in a file of JSON: alone, or as `show` prints it under `name`. @throws InvalidArgument, FileUnreadable */
export async function listIn(file: string, name: string): Promise<unknown[]> {
  const list = listOf(Buffer.from(await readBounded(file, maxBytes)).toString(), name);
  if (list) return list;
  throw sluiceError('InvalidArgument', { name: file, detail: `it is no JSON with a list ${name}` });
}

function listOf(text: string, name: string): unknown[] | undefined {
  try {
    const json: unknown = JSON.parse(text);
    const list = Array.isArray(json) ? json : (json as Record<string, unknown> | null)?.[name];
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}
