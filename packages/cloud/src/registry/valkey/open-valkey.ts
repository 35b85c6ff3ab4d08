import { sluiceError } from '@sluice/protocol';
import { Cluster, Redis } from 'ioredis';

/** How long a connection or an answer may take, ms. */
const patienceMs = 3_000;
/** How long it may take until it answers at all, ms. */
const startMs = 15_000;

/**
 * Connects to the store of the swarm registry.
 * @param url `redis://[user:password@]host[:port]`, `rediss://` with TLS; `?cluster` = a node of a cluster
 * @throws InvalidArgument, StoreUnavailable
 */
export async function openValkey(url: string): Promise<Redis | Cluster> {
  const parsed = URL.parse(url);
  if (!parsed || !['redis:', 'rediss:'].includes(parsed.protocol) || !parsed.hostname) {
    const detail = 'redis://[user:password@]host[:port][?cluster], or rediss:// with TLS';
    throw sluiceError('InvalidArgument', { name: 'the URL of the swarm registry', detail });
  }
  const store = connect(parsed);
  let last: unknown;
  // Every failed request tells the same; without a listener the process would end.
  store.on('error', (error) => {
    last = error;
  });
  // A cluster that is just forming is tried again and again, and `connect` may never tell.
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no answer')), startMs);
  try {
    await Promise.race([store.ping(), late]);
    return store;
  } catch (cause) {
    store.disconnect();
    const reason = last ?? cause;
    const detail = reason instanceof Error ? reason.message : String(reason);
    const name = `swarm registry at ${parsed.host}`;
    throw sluiceError('StoreUnavailable', { store: name, detail }, { cause });
  } finally {
    clearTimeout(timer);
  }
}

function connect(url: URL): Redis | Cluster {
  const options = {
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    ...(url.protocol === 'rediss:' && { tls: {} }),
    connectTimeout: patienceMs,
    commandTimeout: patienceMs,
    // A device that is told "later" asks again: requests do not pile up for a store that is away.
    maxRetriesPerRequest: 1,
    retryStrategy: (attempt: number) => Math.min(attempt * 100, 2_000),
  };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || 6379);
  const common = { lazyConnect: true, enableAutoPipelining: true };
  if (url.searchParams.has('cluster')) {
    return new Cluster([{ host, port }], { ...common, redisOptions: options });
  }
  return new Redis({ ...options, ...common, host, port });
}
