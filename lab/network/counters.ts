import { readFile } from 'node:fs/promises';

/** Bytes at an interface, all headers of its layer included. */
export interface Counters {
  received: number;
  sent: number;
}

/** The counters of `name` in the text of /proc/net/dev. @throws Error when it is not there. */
export function parseCounters(text: string, name: string): Counters {
  const line = text.split('\n').find((l) => l.trimStart().startsWith(`${name}:`));
  const fields = line?.split(':')[1]?.trim().split(/\s+/).map(Number);
  const [received, sent] = [fields?.[0], fields?.[8]];
  if (!Number.isSafeInteger(received) || !Number.isSafeInteger(sent)) {
    throw new Error(`/proc/net/dev: no counters of ${name}`);
  }
  return { received: received!, sent: sent! };
}

export function difference(later: Counters, earlier: Counters): Counters {
  return { received: later.received - earlier.received, sent: later.sent - earlier.sent };
}

/** As the process sees them, in its network namespace: to start one there for each look would take from what is measured. */
export async function readCounters(pid: number, name: string): Promise<Counters> {
  return parseCounters(await readFile(`/proc/${pid}/net/dev`, 'utf8'), name);
}
