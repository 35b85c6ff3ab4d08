import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PeerId, peerIdFromGuid } from '@sluice/protocol';
import { diskError, writeAtomically } from '../store/index.ts';

/**
 * The peer id of this device: made once and kept in `<dataDir>/device-id`, so that a restart is not a
 * new peer. A damaged file is replaced. @throws Disk errors.
 */
export async function deviceIdentity(dataDir: string): Promise<PeerId> {
  const path = join(dataDir, 'device-id');
  try {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    if (/^[0-9a-f]{40}$/.test(text.trim())) return text.trim();
    const id = peerIdFromGuid(randomBytes(16));
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await writeAtomically(path, `${id}\n`);
    return id;
  } catch (error) {
    throw diskError(error, path);
  }
}
