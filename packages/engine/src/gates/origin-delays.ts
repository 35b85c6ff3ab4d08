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
  readonly #cacheMs: number;
  readonly #peersUntil: number;
  #peersOver: boolean;
  #troubledAt: number | undefined;
  #cacheOver: boolean;

  /** @param hasPeers the download may use peers. @param hasCache it has a cache host. */
  constructor(delays: Delays, has: { hasPeers: boolean; hasCache: boolean }, now: number) {
    this.#cacheMs = delays.cacheMs;
    this.#peersUntil = now + delays.peersMs;
    this.#peersOver = !has.hasPeers || delays.peersMs === 0;
    this.#cacheOver = !has.hasCache || delays.cacheMs === 0;
  }

  /** Peers were searched for, and there is nobody. */
  nobody(): void {
    this.#peersOver = true;
  }

  cacheFailed(now: number): void {
    this.#troubledAt ??= now;
  }

  /** A cache host has brought something. */
  cacheWorked(): void {
    this.#troubledAt = undefined;
  }

  at(now: number): OriginsOpen {
    this.#peersOver ||= now >= this.#peersUntil;
    if (!this.#peersOver) return { http: false, cache: false, changesAt: this.#peersUntil };
    const cacheUntil =
      this.#troubledAt === undefined ? undefined : this.#troubledAt + this.#cacheMs;
    this.#cacheOver ||= cacheUntil !== undefined && now >= cacheUntil;
    if (this.#cacheOver) return { http: true, cache: true, changesAt: undefined };
    return { http: false, cache: true, changesAt: cacheUntil };
  }
}
