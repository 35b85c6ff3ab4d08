import { access, constants } from 'node:fs/promises';
import { command } from './network/ip.ts';
import type { Requirement } from './tools/tool.ts';

/** A host that lacks something: told without a stack. */
export class HostLacks extends Error {}

/** What the lab itself needs. */
const basics: readonly Requirement[] = [
  { package: 'iproute2', check: ['ip', '-V'] },
  { package: 'procps', check: ['sysctl', '--version'] },
  { package: 'nftables', check: ['nft', '--version'] },
  { package: 'python3-minimal', check: ['/usr/bin/python3', '--version'] },
  { package: 'nginx-light', check: ['nginx', '-v'] },
  { package: 'curl', check: ['curl', '--version'] },
];

/** @throws HostLacks when this host cannot run the lab with these tools. */
export async function checkTools(
  tools: readonly { needs: readonly Requirement[] }[],
): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new HostLacks('the lab makes network namespaces: it needs Linux and root (try sudo)');
  }
  await access('/dev/net/tun', constants.R_OK | constants.W_OK).catch((cause: unknown) => {
    throw new HostLacks('the lab makes TUN interfaces: it needs /dev/net/tun', { cause });
  });
  // Root of a container may be without the right.
  await command('unshare', '--net', 'true').catch((cause: unknown) => {
    throw new HostLacks('this root may not make network namespaces', { cause });
  });
  const missing = await missingPackages(tools);
  if (missing.length > 0) {
    throw new HostLacks(
      `not installed: ${missing.join(', ')}\n  npm run lab -- install   installs them with apt-get`,
    );
  }
}

/** The Debian packages that are not there. */
export async function missingPackages(
  tools: readonly { needs: readonly Requirement[] }[],
): Promise<string[]> {
  const all = [...basics, ...tools.flatMap((tool) => tool.needs)];
  const missing = new Set<string>();
  for (const { package: name, check } of all) {
    const [file, ...args] = check;
    await command(file, ...args).catch(() => missing.add(name));
  }
  return [...missing];
}
