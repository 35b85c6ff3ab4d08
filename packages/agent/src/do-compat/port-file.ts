import { once } from 'node:events';
import {
  closeSync,
  fchmodSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { sluiceError } from '@sluice/protocol';
import { diskError, errnoOf } from '../store/disk-error.ts';

/** Where Microsoft's clients look. */
export const defaultRunDir = '/var/run/deliveryoptimization-agent';

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

/** What tells the clients the port. */
export interface PortFile {
  readonly path: string;
  /** Takes the port out, once: who looks waits then, where a port with nobody there would be an error at once. */
  empty(): void;
}

/**
 * Tells the clients the port: `restport.<pid>`, the only such file there, since they take the newest.
 * It is kept open: who is to empty it has no rights to by then. For the same reason it stays when the
 * process ends.
 * @throws Disk errors.
 */
export function writePortFile(runDir: string, port: number, pid = process.pid): PortFile {
  const path = join(runDir, `${prefix}.${pid}`);
  let file: number | undefined;
  try {
    mkdirSync(runDir, { recursive: true, mode: 0o755 });
    removePortFiles(runDir);
    file = openSync(path, 'wx', 0o444);
    writeSync(file, `${port}\n`);
    // Whatever the umask: all users read it.
    fchmodSync(file, 0o444);
  } catch (error) {
    if (file !== undefined) closeSync(file);
    throw diskError(error, path);
  }
  const empty = () => {
    if (file === undefined) return;
    const open = file;
    file = undefined;
    try {
      ftruncateSync(open, 0);
    } finally {
      closeSync(open);
    }
  };
  return { path, empty };
}

/** Removes those of agents that are no more; no folder has none. @throws Disk errors. */
export function removePortFiles(runDir: string): void {
  try {
    for (const name of readdirSync(runDir)) {
      if (name.includes(prefix)) rmSync(join(runDir, name), { force: true });
    }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw diskError(error, runDir);
  }
}
