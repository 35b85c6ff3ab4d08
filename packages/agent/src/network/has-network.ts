import { networkInterfaces } from 'node:os';

/** Whether an interface other than loopback is up and has an address. */
export function hasNetwork(): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some(({ internal }) => !internal));
}
