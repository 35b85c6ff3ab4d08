import { command } from './network/ip.ts';
import { HostLacks, missingPackages } from './requirements.ts';
import { otherTools } from './tools/index-of-tools.ts';

/** Installs what the lab and all its tools need. @returns the exit code. */
export async function installPackages(log: (line: string) => void): Promise<number> {
  if (process.getuid?.() !== 0) throw new HostLacks('apt-get needs root (try sudo)');
  const missing = await missingPackages(otherTools);
  if (missing.length === 0) {
    log('everything is there');
    return 0;
  }
  log(`apt-get install ${missing.join(' ')}`);
  await command('apt-get', 'update');
  // In run level 1 Debian starts no service that a package brings: the lab starts its own servers.
  const quietly = ['RUNLEVEL=1', 'DEBIAN_FRONTEND=noninteractive'];
  const install = ['apt-get', 'install', '-y', '--no-install-recommends'];
  await command('env', ...quietly, ...install, ...missing);
  return 0;
}
