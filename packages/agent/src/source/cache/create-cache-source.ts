import { createHttpSource, type HttpSourceOptions } from '../http/index.ts';
import type { Source } from '../source.ts';
import { cacheUrl } from './cache-url.ts';

export interface CacheSourceOptions extends Omit<HttpSourceOptions, 'kind' | 'headers'> {
  /** `host[:port]` of the cache node; port 80 when none is given. */
  cacheHost: string;
  /** Of the content at its source. */
  url: string;
}

/** A cache node is near or it is of no use (workflow.md §8). */
const connectMs = 3_000;

/**
 * The content of `url` from a Connected Cache node. Credentials in the URL are not sent: what a
 * cache keeps is for everyone on the site.
 * @throws InvalidArgument for a cache host or URL that cannot be used.
 */
export function createCacheSource(options: CacheSourceOptions): Source {
  const { cacheHost, url, timeouts, ...rest } = options;
  return createHttpSource({
    ...rest,
    kind: 'cache',
    url: cacheUrl(cacheHost, url),
    timeouts: { connectMs, ...timeouts },
  });
}
