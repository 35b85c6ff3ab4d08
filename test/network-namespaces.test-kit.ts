import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether this process may make network namespaces. */
export const canMakeNamespaces = process.platform === 'linux' && process.getuid?.() === 0;

/** Two hosts with a cable between them, and nothing else. */
export interface TwoHosts extends AsyncDisposable {
  /** What to put before a command to run it on that host. */
  readonly at: readonly [string[], string[]];
}

/**
 * @param addresses of the two hosts, in CIDR; link-local IPv6 ones they have besides.
 * @throws what `ip` says.
 */
export async function makeTwoHosts(addresses: readonly [string, string]): Promise<TwoHosts> {
  const names = [0, 1].map((n) => `sluice-${process.pid}-${n}`) as [string, string];
  await using stack = new AsyncDisposableStack();
  for (const name of names) {
    await ip('netns', 'add', name);
    stack.defer(() => ip('netns', 'delete', name));
    await ip('-n', name, 'link', 'set', 'lo', 'up');
  }
  const [here, there] = names;
  await ip(
    ...['-n', here, 'link', 'add', 'cable', 'type', 'veth'],
    ...['peer', 'name', 'cable', 'netns', there],
  );
  for (const [n, name] of names.entries()) {
    // Else an IPv6 address is of no use for a second, while the host looks who else has it.
    await run('ip', [
      ...['netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.cable.accept_dad=0'],
    ]);
    const nodad = addresses[n]!.includes(':') ? ['nodad'] : [];
    await ip('-n', name, 'address', 'add', addresses[n]!, 'dev', 'cable', ...nodad);
    await ip('-n', name, 'link', 'set', 'cable', 'up');
  }
  const moved = stack.move();
  return {
    at: [
      ['ip', 'netns', 'exec', here],
      ['ip', 'netns', 'exec', there],
    ],
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

async function ip(...args: string[]): Promise<void> {
  await run('ip', args);
}
