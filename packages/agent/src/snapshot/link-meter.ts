import { readFile } from 'node:fs/promises';

/** What came and went over all adapters since the system started, bytes. */
export interface LinkBytes {
  received: number;
  sent: number;
}

/** @returns undefined where the system does not tell (all but Linux). */
export async function linkBytes(path = '/proc/net/dev'): Promise<LinkBytes | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parseNetDev(text);
}

/** Sums the lines of /proc/net/dev; loopback is none of the links. */
export function parseNetDev(text: string): LinkBytes {
  const sum = { received: 0, sent: 0 };
  for (const line of text.split('\n').slice(2)) {
    const [name = '', numbers = ''] = line.split(':');
    if (name.trim() === 'lo') continue;
    const fields = numbers.trim().split(/\s+/).map(Number);
    sum.received += fields[0] || 0;
    sum.sent += fields[8] || 0;
  }
  return sum;
}
