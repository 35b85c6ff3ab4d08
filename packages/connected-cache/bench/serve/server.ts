import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A cache under test. */
export interface CacheServer {
  name: string;
  /** Of the object. */
  url: string;
  pid: number;
  /** Where it keeps bytes on disk; undefined when it does not. */
  folder: string | undefined;
  stop(): Promise<void>;
}

/** What all caches need to know. */
export interface Setting {
  /** `host:port` of the source. */
  origin: string;
  /** For all that a cache writes. */
  folder: string;
  /** Bytes of the object. */
  length: number;
}

/** Starts a server of another project; undefined when it is not installed. */
export async function startForeign(
  binary: string,
  args: string[],
  log: string,
): Promise<ChildProcess | undefined> {
  const there = await access(binary).then(
    () => true,
    () => false,
  );
  if (!there) return undefined;
  const output = await open(log, 'a');
  const child = spawn(binary, args, { stdio: ['ignore', output.fd, output.fd] });
  await once(child, 'spawn');
  await output.close();
  return child;
}

export async function ended(child: ChildProcess, signal: 'SIGTERM' | undefined): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  if (signal) child.kill(signal);
  else child.stdin?.end();
  await exit;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Resolves when the server answers; ends it when it does not. */
export async function answering(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const up = await fetch(url, { method: 'HEAD' }).then(
      () => true,
      () => false,
    );
    if (up) return;
    await wait(50);
  }
  await ended(child, 'SIGTERM');
  throw new Error(`${child.spawnfile} does not answer`);
}
