import type { GateSettings } from '@sluice/engine';
import { type Clock, isSluiceError, type SluiceError } from '@sluice/protocol';
import type { Download } from '../download/download.ts';
import type { DoConfig } from './do-config.ts';

const banMs = 15 * 60_000;
/**
 * Without a fallback delay Microsoft's agent asks the cache host first, and the source as soon as that
 * fails. A second at most is lost by it here.
 */
const shortestFallbackSecs = 1;
const longestFallbackSecs = 2_592_000;

/** Trouble that is the cache host's own, whatever was asked of it. */
const unreachable = new Set<SluiceError['code']>([
  'SourceDnsFailed',
  'SourceRefused',
  'SourceUnreachable',
  'SourceConnectTimeout',
  'SourceStalled',
]);

/** What a download is to do about a cache host. */
export interface ChosenCache {
  /** '' = none is to be used; undefined = the configuration names none. */
  host: string | undefined;
  settings: Partial<GateSettings> | undefined;
}

/** Which cache host to use, by the configuration and by how it did lately (do-client-contract.md §6). */
export class CacheChoice {
  readonly #config: DoConfig;
  readonly #clock: Clock;
  /** Cache host, or cache host and origin → until when it is not asked. */
  readonly #bans = new Map<string, number>();

  constructor(config: DoConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  forOrigin(origin: string): ChosenCache {
    const host = this.#config.cacheHost();
    if (!host) return { host, settings: undefined };
    if (this.#isBanned(host) || this.#isBanned(`${host} ${origin}`)) {
      return { host: '', settings: undefined };
    }
    const secs = this.#config.fallbackSecs() ?? shortestFallbackSecs;
    const value = secs < 0 ? longestFallbackSecs : Math.min(Math.max(secs, 1), longestFallbackSecs);
    return {
      host,
      settings: {
        DODelayCacheServerFallbackBackground: value,
        DODelayCacheServerFallbackForeground: value,
      },
    };
  }

  /** Learns from how the download fares with the cache host. */
  watch(download: Download, host: string, origin: string): void {
    download.finished.then(() => {
      for (const error of download.progress.findings.cacheFaults())
        this.#learn(error, host, origin);
    });
  }

  #learn(error: SluiceError, host: string, origin: string): void {
    const { status } = error.params;
    const until = this.#clock.now() + banMs;
    if (typeof status === 'number' && status >= 400 && status < 500) {
      this.#bans.set(`${host} ${origin}`, until);
    } else if (isSluiceError(error) && unreachable.has(error.code)) this.#bans.set(host, until);
    this.#forgetOver();
  }

  #isBanned(key: string): boolean {
    return (this.#bans.get(key) ?? 0) > this.#clock.now();
  }

  #forgetOver(): void {
    for (const [key, until] of this.#bans) if (until <= this.#clock.now()) this.#bans.delete(key);
  }
}
