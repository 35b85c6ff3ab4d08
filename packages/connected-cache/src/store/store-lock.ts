import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sluiceError } from '@sluice/protocol';

/** Paths of Unix sockets are short: 108 bytes on Linux, 104 elsewhere. */
const maxSocketPath = 100;

/**
 * Takes the cache folder for this process, so that no two nodes write into one. A listening Unix
 * socket is the lock: it answers as long as its owner lives and no longer.
 * @returns gives the folder back
 * @throws CacheBusy
 */
export async function lockStore(folder: string): Promise<() => Promise<void>> {
  const path = socketPath(folder);
  const server = createServer((socket) => socket.destroy());
  try {
    await listen(server, path);
  } catch (error) {
    if (await answers(path)) {
      throw sluiceError('CacheBusy', { path: folder }, { cause: error });
    }
    // What is left of a node that was killed.
    await rm(path, { force: true });
    await listen(server, path);
  }
  server.unref();
  return () => new Promise((done) => server.close(() => done()));
}

function socketPath(folder: string): string {
  const inside = join(folder, 'lock');
  if (process.platform !== 'win32' && Buffer.byteLength(inside) <= maxSocketPath) return inside;
  const name = `sluice-cache-${createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 32)}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(path, () => {
      server.off('error', fail);
      done();
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
