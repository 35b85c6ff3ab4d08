import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../host/run-command.ts';
import { readBounded } from '../policy/read-bounded.ts';
import { dhclientOption } from './dhclient-lease.ts';
import type { DhcpOption, DhcpOptions } from './dhcp-options.ts';
import { networkManagerCommand, networkManagerOption } from './network-manager.ts';
import { networkdOption } from './networkd-lease.ts';

/** Lease files that are looked at in a folder. */
const maxFiles = 64;

export interface SystemDhcpOptions {
  /** Where the folders of the system are. */
  root?: string;
  run?: typeof runCommand;
  /** Ms since 1970. */
  today?: () => Date;
}

/**
 * What the DHCP clients of Linux keep of their leases: systemd-networkd, dhclient, NetworkManager, in
 * this order. Other systems do not keep unknown options where a program may read them.
 */
export class SystemDhcp implements DhcpOptions {
  readonly #root: string;
  readonly #run: typeof runCommand;
  readonly #today: () => Date;

  constructor({ root = '/', run = runCommand, today = () => new Date() }: SystemDhcpOptions = {}) {
    this.#root = root;
    this.#run = run;
    this.#today = today;
  }

  async text(option: DhcpOption): Promise<string | undefined> {
    const now = this.#today().getTime();
    const dhclient = (text: string) => dhclientOption(text, option, now);
    return (
      (await this.#inFolder('run/systemd/netif/leases', /^\d+$/, (t) =>
        networkdOption(t, option),
      )) ??
      (await this.#inFolder('var/lib/dhcp', /^dhclient.*\.leases$/, dhclient)) ??
      (await this.#inFolder('var/lib/dhclient', /^dhclient.*\.leases?$/, dhclient)) ??
      (await this.#inFolder('var/lib/NetworkManager', /^dhclient.*\.lease$/, dhclient)) ??
      (await this.#ofNetworkManager(option))
    );
  }

  async #inFolder(
    folder: string,
    names: RegExp,
    read: (text: string) => string | undefined,
  ): Promise<string | undefined> {
    const path = join(this.#root, folder);
    const all = await readdir(path).catch((): string[] => []);
    const files = all.filter((name) => names.test(name)).sort();
    for (const name of files.slice(0, maxFiles)) {
      // One that may not be read, or goes away meanwhile, says nothing.
      const bytes = await readBounded(join(path, name)).catch(() => undefined);
      const found = bytes && read(bytes.toString('latin1'));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #ofNetworkManager(option: DhcpOption): Promise<string | undefined> {
    const output = await this.#run(...networkManagerCommand).catch(() => '');
    return networkManagerOption(output, option);
  }
}
