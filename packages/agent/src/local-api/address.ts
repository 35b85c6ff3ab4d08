import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/** Paths of Unix sockets must fit into 108 bytes on Linux, 104 on macOS. */
const maxSocketPath = 100;

/**
 * Where the agent of a data directory listens for its callers: a Unix socket in that directory, a
 * named pipe on Windows. A path that is too long for a socket gets one in the temporary directory.
 */
export function localApiAddress(dataDir: string, platform = process.platform): string {
  const root = resolve(dataDir);
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  if (platform === 'win32') return `\\\\.\\pipe\\sluice-${name}`;
  const path = join(root, 'agent.sock');
  return Buffer.byteLength(path) <= maxSocketPath ? path : `/tmp/sluice-${name}.sock`;
}
