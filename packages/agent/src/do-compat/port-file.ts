import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { sluiceError } from '@sluice/protocol';
import { diskError } from '../store/index.ts';

const host = '127.0.0.1';
const firstPort = 50_000;
const lastPort = 60_999;
const prefix = 'restport';

/** Has the server listen on the first free port of the range. @throws ListenFailed */
export async function listenInRange(server: Server, first = firstPort): Promise<number> {
  for (let port = first; port <= lastPort; port++) {
    try {
      server.listen({ host, port, exclusive: true });
      await once(server, 'listening');
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
      const detail = error instanceof Error ? error.message : String(error);
      throw sluiceError('ListenFailed', { address: `${host}:${port}`, detail }, { cause: error });
    }
  }
  const address = `${host}:${first}-${lastPort}`;
  throw sluiceError('ListenFailed', { address, detail: 'no port is free' });
}

/**
 * Tells the clients the port: `restport.<pid>`, the only such file there, since they take the newest.
 * It stays when the process ends: who is to remove it has no rights to by then.
 * @throws Disk errors.
 */
export function writePortFile(runDir: string, port: number, pid = process.pid): string {
  const path = join(runDir, `${prefix}.${pid}`);
  try {
    mkdirSync(runDir, { recursive: true, mode: 0o755 });
    for (const name of readdirSync(runDir)) {
      if (name.includes(prefix)) rmSync(join(runDir, name), { force: true });
    }
    writeFileSync(path, `${port}\n`, { flag: 'wx', mode: 0o444 });
    // Whatever the umask: all users read it.
    chmodSync(path, 0o444);
    return path;
  } catch (error) {
    throw diskError(error, path);
  }
}
