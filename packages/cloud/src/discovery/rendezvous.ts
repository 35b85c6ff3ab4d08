import { createHash } from 'node:crypto';

/**
 * The instances in the order in which they are to serve `key`, by rendezvous hashing: whoever computes it comes to the
 * same order, and an instance that comes or goes moves only the keys that are or were its own.
 */
export function instancesFor(key: string, instances: readonly string[]): string[] {
  const scored = [...new Set(instances)].map((instance) => ({
    instance,
    score: score(key, instance),
  }));
  scored.sort((a, b) => Buffer.compare(b.score, a.score));
  return scored.map(({ instance }) => instance);
}

function score(key: string, instance: string): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([key, instance]))
    .digest();
}
