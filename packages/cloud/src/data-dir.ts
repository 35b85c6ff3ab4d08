import { mkdir } from 'node:fs/promises';
import { sluiceError } from '@sluice/protocol';

/** Makes the directory of what a cloud keeps, for its user alone, unless it is there. @throws DataDirUnusable */
export async function makeDataDir(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw sluiceError('DataDirUnusable', { path, detail }, { cause });
  }
}
