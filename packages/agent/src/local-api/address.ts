import { createHash } from 'node:crypto';
import { type Stats, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Paths of Unix sockets must fit into 108 bytes on Linux, 104 on macOS. */
const maxSocketPath = 100;
/** Where everybody may make files. */
const commonFolder = '/tmp';

/**
 * Where the agent of a data directory listens for its callers: a Unix socket in that directory, a
 * named pipe on Windows. A path that is too long for a socket gets one in the temporary directory.
 */
export function localApiAddress(dataDir: string, platform = process.platform): string {
  const root = resolve(dataDir);
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  if (platform === 'win32') return `\\\\.\\pipe\\sluice-${name}`;
  const path = join(root, 'agent.sock');
  return Buffer.byteLength(path) <= maxSocketPath ? path : `${commonFolder}/sluice-${name}.sock`;
}

/** Whether an agent of this device may listen there: what others put into a common folder is none. */
export function mayBeAgent(address: string): boolean {
  if (process.platform === 'win32') return true;
  let stats: Stats | undefined;
  try {
    stats = statSync(address, { throwIfNoEntry: false });
  } catch {
    return false; // Who may not look there cannot ask it either.
  }
  if (!stats?.isSocket()) return false;
  return dirname(address) !== commonFolder || isTrusted(stats);
}

function isTrusted({ uid }: Stats): boolean {
  return uid === process.getuid?.() || uid === 0;
}
