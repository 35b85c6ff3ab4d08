import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { sha256OfFile } from '@sluice/agent';
import { writeDemoFile } from '@sluice/cli';

/** The file that everybody shall get. */
export interface LabFile {
  path: string;
  name: string;
  size: number;
  sha256: string;
}

/** Makes a file of random bytes in `folder`. */
export async function makeLabFile(
  folder: string,
  { name, size }: { name: string; size: number },
  signal: AbortSignal,
): Promise<LabFile> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, name);
  await writeDemoFile(file, size, signal);
  return {
    path: file,
    name,
    size,
    sha256: await sha256OfFile(file, { signal }),
  };
}
