import { type CacheControl, parseCacheControl, seconds } from '../upstream/cache-control.ts';

/** What a client says of the age of kept answers (RFC 9111 §5.2.1), in ms; undefined = nothing. */
export interface ReuseWish {
  /** The oldest it takes; 0 = the source must be asked. */
  maxAgeMs: number | undefined;
  /** How long the answer must stay fresh. */
  minFreshMs: number | undefined;
  /** How long it may have been stale. */
  maxStaleMs: number | undefined;
  /** How long it may have been stale when the source fails (RFC 5861 §4). */
  staleIfErrorMs: number | undefined;
  /** The source is not to be asked. */
  onlyIfCached: boolean;
}

/** Of who says nothing. */
export const noWish: ReuseWish = {
  maxAgeMs: undefined,
  minFreshMs: undefined,
  maxStaleMs: undefined,
  staleIfErrorMs: undefined,
  onlyIfCached: false,
};

export function reuseWishOf(control: CacheControl): ReuseWish {
  const ms = (name: string) => {
    const value = seconds(control, name);
    return value === undefined ? undefined : value * 1000;
  };
  const anyStale = control.get('max-stale') === '';
  return {
    maxAgeMs: control.has('no-cache') ? 0 : ms('max-age'),
    minFreshMs: ms('min-fresh'),
    maxStaleMs: anyStale ? Number.POSITIVE_INFINITY : ms('max-stale'),
    staleIfErrorMs: ms('stale-if-error'),
    onlyIfCached: control.has('only-if-cached'),
  };
}

/** The directives of a request; `Pragma` counts without any other (RFC 9111 §5.4). */
export function requestControl(headers: {
  'cache-control'?: string | undefined;
  pragma?: string | undefined;
}): CacheControl {
  return parseCacheControl(headers['cache-control'] ?? headers.pragma ?? '');
}
