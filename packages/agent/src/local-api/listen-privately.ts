import { once } from 'node:events';
import { lstat, rm } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { isSluiceError, sluiceError } from '@sluice/protocol';

/** Codes of a connection attempt that say that nobody is there. */
const nobody = new Set(['ENOENT', 'ECONNREFUSED']);

/**
 * Has a server listen on a Unix socket that only this user may open, or a named pipe. A socket that a
 * killed agent left is replaced; anything else that stands there is not touched.
 * @throws AgentRunning when somebody listens there, ListenFailed.
 */
export async function listenPrivately(
  server: Server,
  address: string,
  dataDir: string,
): Promise<void> {
  try {
    await removeStale(address, dataDir);
    // Made with its rights, not given them later: in between anybody could connect.
    const before = process.umask(0o177);
    try {
      server.listen(address);
    } finally {
      process.umask(before);
    }
    await once(server, 'listening');
  } catch (error) {
    if (isSluiceError(error)) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw sluiceError('ListenFailed', { address, detail }, { cause: error });
  }
}

async function removeStale(address: string, dataDir: string): Promise<void> {
  const code = await tryToConnect(address);
  if (code === undefined) throw sluiceError('AgentRunning', { dataDir });
  if (!nobody.has(code)) throw new Error(`it cannot be told who listens there: ${code}`);
  if (process.platform === 'win32' || code === 'ENOENT') return;
  if (!(await lstat(address)).isSocket()) throw new Error('it is no socket');
  await rm(address);
}

/** @returns the code of the failure, undefined when somebody answered. */
function tryToConnect(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) => resolve(code ?? message));
  });
}
