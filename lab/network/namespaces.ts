import { setTimeout } from 'node:timers/promises';
import { command, inNamespace, ip } from './ip.ts';

const prefix = 'sluicelab';
const endedWithinMs = 2_000;

/**
 * In every namespace. Reno, whatever the host has: the one that a namespace may always choose, and bbr
 * without the fq qdisc is paced by timers of its own. What earlier connections found out about the
 * link must not help later ones.
 */
const settings = [
  'net.ipv4.tcp_congestion_control=reno',
  'net.ipv4.tcp_no_metrics_save=1',
  'net.ipv6.conf.all.disable_ipv6=1',
  'net.ipv6.conf.default.disable_ipv6=1',
];

/** The network namespaces of one run of the lab: named after its process, removed at its end. */
export class Namespaces implements AsyncDisposable {
  readonly #made: string[] = [];

  /** @returns the full name. */
  async add(role: string, ...more: string[]): Promise<string> {
    const name = `${prefix}-${process.pid}-${role}`;
    await command('ip', 'netns', 'add', name);
    this.#made.push(name);
    await inNamespace(name, 'sysctl', '-qw', ...settings, ...more);
    await ip(name, 'link set lo up');
    return name;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#made.map(removeNamespace));
  }
}

/** Removes what runs that were killed have left. @returns the names. */
export async function removeLeftNamespaces(): Promise<string[]> {
  const names = (await command('ip', 'netns', 'list'))
    .split('\n')
    .map((line) => line.split(' ')[0]!)
    .filter((name) => name.startsWith(`${prefix}-`) && !isAlive(Number(name.split('-')[1])));
  await Promise.all(names.map(removeNamespace));
  return names;
}

/** Ends every process in it first: a namespace lives on as long as one of them does. */
async function removeNamespace(name: string): Promise<void> {
  const limit = performance.now() + endedWithinMs;
  for (;;) {
    const pids = (await command('ip', 'netns', 'pids', name)).split('\n').filter(Boolean);
    if (pids.length === 0 || performance.now() > limit) break;
    for (const pid of pids) kill(Number(pid));
    await setTimeout(20);
  }
  await command('ip', 'netns', 'del', name);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
