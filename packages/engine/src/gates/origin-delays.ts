import type { GateSettings } from './gate-settings.ts';

/** How long HTTP stays closed, ms; 0: not at all. */
export interface Delays {
  /** After the start, to leave it to peers. */
  peersMs: number;
  /** After trouble with cache hosts, to leave it to them. */
  cacheMs: number;
}

/** The delays for a download, by its haste. */
export function delaysOf(settings: GateSettings, foreground: boolean): Delays {
  const peers = foreground
    ? settings.DODelayForegroundDownloadFromHttp
    : settings.DODelayBackgroundDownloadFromHttp;
  const cache = foreground
    ? settings.DODelayCacheServerFallbackForeground
    : settings.DODelayCacheServerFallbackBackground;
  return { peersMs: 1000 * peers, cacheMs: 1000 * cache };
}

/** What may be asked now. */
export interface OriginsOpen {
  http: boolean;
  cache: boolean;
  /** When that will change by itself, ms; undefined: by an event only. */
  changesAt: number | undefined;
}

/**
 * When HTTP and cache hosts may be used (policies.md §10), for one download. The peers' delay comes
 * first and closes both; then that of the cache hosts, which closes HTTP.
 *
 * - Peers: for downloads that may use peers, while peers are searched or used, and so long at the most.
 *   The documents do not say whether finding nobody ends it (tests-and-faq.md §9). Here it does: when
 *   the search has had its answer and nobody is there who has or fetches anything, waiting on brings
 *   nothing, and of devices that start together one must begin.
 * - Cache hosts: HTTP is closed while a cache host works, and for so long after trouble with them; what
 *   a cache host brings ends the trouble. All hosts are tried in turn meanwhile, as the reference has
 *   it; the configure page delays for the first host only. When the time is over HTTP stays open.
 */
export class OriginDelays {
  readonly #hasPeers: boolean;
  readonly #hasCache: boolean;
  readonly #startedAt: number;
  #delays: Delays;
  #isPeersOver = false;
  #troubledAt: number | undefined;
  #isCacheOver = false;

  /** @param hasPeers the download may use peers. @param hasCache it has a cache host. */
  constructor(delays: Delays, has: { hasPeers: boolean; hasCache: boolean }, now: number) {
    this.#delays = delays;
    this.#hasPeers = has.hasPeers;
    this.#hasCache = has.hasCache;
    this.#startedAt = now;
  }

  /** Other delays hold from now on, counted from the same start; what is open stays so. */
  setDelays(delays: Delays): void {
    this.#delays = delays;
  }

  /** Peers were searched for, and there is nobody. */
  nobody(): void {
    this.#isPeersOver = true;
  }

  cacheFailed(now: number): void {
    this.#troubledAt ??= now;
  }

  /** A cache host has brought something. */
  cacheWorked(): void {
    this.#troubledAt = undefined;
  }

  at(now: number): OriginsOpen {
    const { peersMs, cacheMs } = this.#delays;
    const peersUntil = this.#startedAt + peersMs;
    this.#isPeersOver ||= !this.#hasPeers || now >= peersUntil;
    if (!this.#isPeersOver) return { http: false, cache: false, changesAt: peersUntil };
    const cacheUntil = this.#troubledAt === undefined ? undefined : this.#troubledAt + cacheMs;
    this.#isCacheOver ||=
      !this.#hasCache || cacheMs === 0 || (cacheUntil !== undefined && now >= cacheUntil);
    if (this.#isCacheOver) return { http: true, cache: true, changesAt: undefined };
    return { http: false, cache: true, changesAt: cacheUntil };
  }
}
