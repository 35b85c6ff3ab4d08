import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskError } from '../store/index.ts';
import type { ServiceUser } from './service-user.ts';

/**
 * Makes the configuration folder and an empty `admin-config.json`: without the folder, Microsoft's SDK
 * silently keeps no connection string. @throws Disk errors.
 */
export function prepareConfigDir(folder: string, user: ServiceUser | undefined): void {
  try {
    const isNew = mkdirSync(folder, { recursive: true }) !== undefined;
    if (isNew) chmodSync(folder, 0o775);
    if (isNew && user) chownSync(folder, user.uid, user.gid);
    writeAdminConfig(join(folder, 'admin-config.json'));
  } catch (error) {
    throw diskError(error, folder);
  }
}

function writeAdminConfig(path: string): void {
  try {
    writeFileSync(path, '{\n}\n', { flag: 'wx', mode: 0o644 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
