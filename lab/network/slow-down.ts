import { command } from './ip.ts';
import type { Site, Spot } from './site.ts';

/** Limits the cable of a machine, each direction, until it is disposed. Mbit/s. */
export async function slowDown(site: Site, spot: Spot, rateMbit: number): Promise<AsyncDisposable> {
  const ends = [
    ['-n', site.router, 'dev', spot.port],
    ['-n', spot.namespace, 'dev', 'eth0'],
  ] as const;
  // A burst below the 64 KiB of an offloaded packet would let none through.
  const shape = ['root', 'tbf', 'rate', `${rateMbit}mbit`, 'burst', '70000', 'latency', '100ms'];
  await using stack = new AsyncDisposableStack();
  for (const [flag, namespace, ...device] of ends) {
    await command('tc', flag, namespace, 'qdisc', 'add', ...device, ...shape);
    stack.defer(async () => {
      await command('tc', flag, namespace, 'qdisc', 'del', ...device, 'root');
    });
  }
  return stack.move();
}
