import path from 'node:path';
import type { DoCompat, ServiceUser } from '@sluice/agent';
import { sluiceError } from '@sluice/protocol';
import { Option } from 'commander';
import { pathValue } from '../options/values.ts';

/** Flags of `sluice agent` for Microsoft's clients. */
export interface DoCompatFlags {
  doCompat?: boolean;
  doUser?: string;
  doRunDir?: string;
  doConfigDir?: string;
}

export function doCompatOptions(): Option[] {
  return [
    new Option('--do-compat', 'serve the clients of Microsoft’s Delivery Optimization agent, too'),
    new Option('--do-user <name>', 'whom to run as with --do-compat, when started as root').default(
      'do',
    ),
    new Option('--do-run-dir <dir>', 'where the clients find the port').argParser(pathValue),
    new Option('--do-config-dir <dir>', 'where their configuration is').argParser(pathValue),
  ];
}

/**
 * Opens what Microsoft's clients call, and gives up root: they may be of any user, and have files
 * written wherever this process may.
 * @returns undefined when it was not asked for.
 */
export async function openForClients(
  flags: DoCompatFlags,
  dataDir: string,
): Promise<DoCompat | undefined> {
  if (!flags.doCompat) return undefined;
  const { openDoCompat, serviceUser, becomeUser } = await import('@sluice/agent');
  const user = process.getuid?.() === 0 ? serviceUser(flags.doUser ?? 'do') : undefined;
  if (user?.uid === 0) {
    const detail = 'must not be root: any user of this device may have it write files';
    throw sluiceError('InvalidArgument', { name: '--do-user', detail });
  }
  if (user) await giveDataDir(dataDir, user);
  const compat = await openDoCompat({ runDir: flags.doRunDir, configDir: flags.doConfigDir, user });
  if (user) becomeUser(user);
  return compat;
}

/** Makes the data directory, for the user that could not. One that is there stays as it is. */
async function giveDataDir(dataDir: string, { uid, gid }: ServiceUser): Promise<void> {
  const { mkdir, chown } = await import('node:fs/promises');
  await mkdir(path.dirname(dataDir), { recursive: true });
  const made = await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (made !== undefined) await chown(dataDir, uid, gid);
}
