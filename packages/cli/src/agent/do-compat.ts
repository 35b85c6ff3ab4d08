import path from 'node:path';
import type { DoCompat } from '@sluice/agent';
import type { ServiceUser } from '@sluice/agent/do-compat';
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
 * What comes before the agent itself is loaded: it takes away what a killed one has left for the clients.
 * @returns what opens the interface and gives up root: its callers may be of any user, and have files
 *   written wherever this process may. Undefined when it was not asked for.
 * @throws AgentRunning before anything of that agent is touched; InvalidArgument; so does what is returned.
 */
export async function prepareForClients(
  flags: DoCompatFlags,
  dataDir: string,
): Promise<(() => Promise<DoCompat>) | undefined> {
  if (!flags.doCompat) return undefined;
  const { makeWay, serviceUser, becomeUser } = await import('@sluice/agent/do-compat');
  const user = process.getuid?.() === 0 ? serviceUser(flags.doUser ?? 'do') : undefined;
  if (user?.uid === 0) {
    const detail = 'must not be root: any user of this device may have it write files';
    throw sluiceError('InvalidArgument', { name: '--do-user', detail });
  }
  await makeWay(dataDir, flags.doRunDir);
  return async () => {
    const { openDoCompat } = await import('@sluice/agent');
    if (user) await giveDataDir(dataDir, user);
    const { doRunDir: runDir, doConfigDir: configDir } = flags;
    const compat = await openDoCompat({ runDir, configDir, user });
    if (user) becomeUser(user);
    return compat;
  };
}

/** Makes the data directory, for the user that could not. One that is there stays as it is. */
async function giveDataDir(dataDir: string, { uid, gid }: ServiceUser): Promise<void> {
  const { mkdir, chown } = await import('node:fs/promises');
  await mkdir(path.dirname(dataDir), { recursive: true });
  const made = await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (made !== undefined) await chown(dataDir, uid, gid);
}
