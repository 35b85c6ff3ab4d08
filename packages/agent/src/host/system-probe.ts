import { statfs } from 'node:fs/promises';
import { cpus, networkInterfaces, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Battery, HostFacts } from '@sluice/engine';
import type { Logger } from 'pino';
import type { CpuTimes, HostProbe } from './host-probe.ts';
import { linuxAdapterText } from './linux-adapters.ts';
import { linuxBattery } from './linux-battery.ts';
import { macAdapterText, parsePmset } from './macos.ts';
import { runCommand } from './run-command.ts';
import { parseWindows, windowsCommand } from './windows.ts';

/** Memory comes in multiples of this, bytes. */
const memoryStep = 512 * 1024 ** 2;

export interface SystemOptions {
  logger: Logger;
  platform?: NodeJS.Platform;
  /** Where `/sys` is. */
  sys?: string;
  run?: typeof runCommand;
  interfaces?: typeof networkInterfaces;
}

/** The device this process runs on, as far as its system tells. */
export class SystemProbe implements HostProbe {
  readonly #options: Required<SystemOptions>;

  constructor(options: SystemOptions) {
    this.#options = {
      platform: process.platform,
      sys: '/sys',
      run: runCommand,
      interfaces: networkInterfaces,
      ...options,
    };
  }

  async read(dir: string): Promise<HostFacts> {
    const [diskBytes, rest] = await Promise.all([
      this.#orUnknown('disk', capacityOf(dir), undefined),
      this.#orUnknown('power and adapters', this.#powerAndAdapters(), undefined),
    ]);
    return {
      ramBytes: fittedMemory(totalmem()),
      diskBytes,
      battery: rest?.battery,
      adapters: rest?.adapters ?? this.#names(),
    };
  }

  cpuTimes(): CpuTimes {
    const times = { idle: 0, total: 0 };
    for (const cpu of cpus()) {
      times.idle += cpu.times.idle;
      for (const ms of Object.values(cpu.times)) times.total += ms;
    }
    return times;
  }

  async #powerAndAdapters(): Promise<{ battery: Battery | undefined; adapters: string[] }> {
    const { platform, sys, run, interfaces } = this.#options;
    const names = this.#names();
    if (platform === 'linux') {
      const net = join(sys, 'class/net');
      const texts = Promise.all(names.map((name) => linuxAdapterText(net, name)));
      return {
        battery: await linuxBattery(join(sys, 'class/power_supply')),
        adapters: await texts,
      };
    }
    if (platform === 'darwin') {
      const all = interfaces();
      const hasIpv4 = (name: string) => all[name]?.some((a) => a.family === 'IPv4') === true;
      return {
        battery: parsePmset(await run('pmset', ['-g', 'batt'])),
        adapters: names.map((name) => macAdapterText(name, hasIpv4(name))),
      };
    }
    if (platform === 'win32') {
      const { battery, adapters } = parseWindows(await run(...windowsCommand));
      return { battery, adapters: [...new Set([...adapters, ...names])] };
    }
    return { battery: undefined, adapters: names };
  }

  /** Adapters that are up and have an address; loopback is none. */
  #names(): string[] {
    return Object.entries(this.#options.interfaces())
      .filter(([, addresses]) => addresses?.some((a) => !a.internal))
      .map(([name]) => name);
  }

  async #orUnknown<T>(what: string, found: Promise<T>, unknown: T): Promise<T> {
    try {
      return await found;
    } catch (err) {
      this.#options.logger.debug({ err, what }, 'the system does not tell');
      return unknown;
    }
  }
}

async function capacityOf(dir: string): Promise<number> {
  const { blocks, bsize } = await statfs(dir);
  return blocks * bsize;
}

/**
 * What the system counts lacks what firmware, graphics and kernel keep for themselves: of 4 GB it tells
 * some 3.7. The gate means what is fitted.
 */
export function fittedMemory(counted: number): number {
  return Math.ceil(counted / memoryStep) * memoryStep;
}
