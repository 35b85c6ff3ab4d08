import type { Cluster, Redis } from 'ioredis';
import { fail, ok, type Verdict, warn } from './finding.ts';

const oldestMajor = 7;

export async function swarmStore(url: string | undefined): Promise<Verdict> {
  if (url === undefined) return ok('in memory: for one cloud only');
  const { openValkey } = await import('../registry/valkey/open-valkey.ts');
  const store = await openValkey(url);
  try {
    return await judged(store);
  } finally {
    store.disconnect();
  }
}

async function judged(store: Redis | Cluster): Promise<Verdict> {
  const info = await store.info();
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  return judge({
    // Valkey tells Redis' version as well, which is always 7.2 or newer.
    version: field('valkey_version') ?? field('redis_version') ?? '',
    maxBytes: Number(field('maxmemory') ?? 0),
    policy: field('maxmemory_policy') ?? '',
  });
}

/** @param store its version, the most bytes it takes (0: no limit), and what it does when it has them */
export function judge(store: { version: string; maxBytes: number; policy: string }): Verdict {
  const { version, maxBytes, policy } = store;
  if (Number.parseInt(version, 10) < oldestMajor) {
    return fail(`version ${version}`, 'Upgrade it to Valkey, or Redis 7 or newer.');
  }
  const set = 'Set maxmemory, and maxmemory-policy volatile-ttl.';
  if (maxBytes === 0) return warn(`version ${version}, without a limit of its memory`, set);
  if (policy === 'noeviction')
    return warn(`version ${version}, takes no joins once it is full`, set);
  if (policy !== 'volatile-ttl') {
    return warn(`version ${version}, ${policy} lets go of whole swarms when it is full`, set);
  }
  return ok(`version ${version}, ${policy}`);
}
