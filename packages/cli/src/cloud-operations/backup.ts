import path from 'node:path';
import { defaultDataDir } from '../paths/data-dir.ts';
import { print, printJson } from '../terminal/print.ts';

export interface BackupFlags {
  dataDir?: string;
  json?: boolean;
}

/** `sluice cloud backup FOLDER`. @throws InvalidArgument, DataDirUnusable */
export async function backupCloud(folder: string, flags: BackupFlags): Promise<void> {
  const { backup } = await import('@sluice/cloud');
  const to = path.resolve(folder);
  const databases = await backup(path.resolve(flags.dataDir ?? defaultDataDir('cloud')), to);
  if (flags.json) printJson({ Folder: to, Databases: databases });
  else print(`${databases.length} databases and what lies beside them are in ${to}`);
}
