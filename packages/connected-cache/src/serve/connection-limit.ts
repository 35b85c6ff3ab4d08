import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { maxConnections } from './http-server.ts';

/** Descriptors for files, sources and all else. */
const forOthers = 3_000;

/**
 * How many clients may be connected at once, given what the system lets one process open (`ulimit -n`).
 * Said in the log when that is less than half of what the node would take: beyond it the system refuses connections
 * without a word.
 */
export async function connectionLimit(logger: Logger | undefined): Promise<number> {
  const openFiles = openFilesIn(await readFile('/proc/self/limits', 'latin1').catch(() => ''));
  const limit = connectionsFor(openFiles);
  if (limit < maxConnections / 2) {
    const wanted = maxConnections + forOthers;
    logger?.warn(
      { openFiles, wanted, connections: limit },
      'few open files are allowed: ulimit -n',
    );
  }
  return limit;
}

export function connectionsFor(openFiles: number): number {
  // With few in all, half of them.
  return Math.min(maxConnections, Math.max(openFiles - forOthers, Math.floor(openFiles / 2)));
}

/** The soft limit in the text of /proc/self/limits; Infinity when it does not say. */
export function openFilesIn(limits: string): number {
  const soft = Number(/^Max open files +(\d+)/m.exec(limits)?.[1]);
  return Number.isNaN(soft) ? Number.POSITIVE_INFINITY : soft;
}
