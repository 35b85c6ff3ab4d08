import type { Clock } from '@sluice/protocol';
import type { Logger } from 'pino';
import { delay } from '../clock/delay.ts';
import { linksOf, type Make, MulticastLink } from '../local-discovery/multicast-link.ts';
import type { OwnAddress } from '../network/own-address.ts';
import { cacheNodeService, type HeardNode, readCacheNodes } from './cache-node-records.ts';

/** A search is made on use, and no more often than this, ms. */
const searchEveryMs = 300_000;
/** It begins when the download that asked is under way, ms. */
const restMs = 50;
/** When a search asks again: the first question or its answer may be lost. */
const askAgainMs = 1_000;
/** Who has not answered by then is not heard, ms. */
const listenMs = 3_000;
/** Cache nodes that are remembered, and hosts that a download gets. */
const maxNodes = 16;
const maxHosts = 4;

export interface CacheNodeBrowserOptions {
  /** This device's addresses. */
  own: () => OwnAddress[];
  clock: Clock;
  logger: Logger;
  /** Made here when not given. */
  make?: Make;
}

/** Finds cache nodes on the local network by DNS-SD (RFC 6762, 6763). Nobody waits for it. */
export class CacheNodeBrowser {
  readonly #options: CacheNodeBrowserOptions;
  /** By host: until when that holds. */
  readonly #nodes = new Map<string, { until: number; priority: number }>();
  readonly #links = new Set<MulticastLink>();
  #searchedAt = Number.NEGATIVE_INFINITY;
  #search: Promise<void> | undefined;
  #cancelTimer = () => {};
  readonly #closing = new AbortController();

  constructor(options: CacheNodeBrowserOptions) {
    this.#options = options;
  }

  /** `address:port` of those heard so far, best first; begins a search when the last one is old. */
  found(): string[] {
    const now = this.#options.clock.now();
    if (!this.#closing.signal.aborted && now - this.#searchedAt >= searchEveryMs) {
      this.#searchedAt = now;
      this.#search = this.#begin().catch((err: unknown) => {
        this.#options.logger.info({ err }, 'cache nodes cannot be looked for');
      });
    }
    for (const [host, { until }] of this.#nodes) if (until <= now) this.#nodes.delete(host);
    const best = [...this.#nodes].sort(([, a], [, b]) => a.priority - b.priority);
    return best.slice(0, maxHosts).map(([host]) => host);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#search;
    await this.#end();
  }

  async #begin(): Promise<void> {
    const { own, clock, logger } = this.#options;
    // The download that asks cannot have it any more: it need not wait for 15 ms of loading either.
    await delay(clock, restMs, this.#closing.signal);
    if (this.#closing.signal.aborted) return;
    const links = linksOf(own()).filter(({ addresses }) => addresses.some((o) => !o.internal));
    if (links.length === 0) return;
    // Loaded when needed: where cache hosts are set nobody looks for any.
    const make = this.#options.make ?? (await import('multicast-dns')).default;
    if (this.#closing.signal.aborted) return;
    await this.#end();
    for (const { addresses, family } of links) {
      const link: MulticastLink = new MulticastLink(make, addresses, family, {
        query: () => {},
        response: (packet, from) => this.#heard(readCacheNodes(packet, from, addresses)),
        failed: (err) => {
          logger.debug({ err }, 'cache nodes cannot be looked for on a link');
          void link.close();
        },
      });
      this.#links.add(link);
    }
    const ask = () => {
      for (const link of this.#links) link.query(cacheNodeService, []);
    };
    ask();
    this.#cancelTimer = clock.setTimer(askAgainMs, () => {
      ask();
      this.#cancelTimer = clock.setTimer(listenMs - askAgainMs, () => void this.#end());
    });
  }

  #heard(nodes: HeardNode[]): void {
    const now = this.#options.clock.now();
    for (const { host, ttlMs, priority } of nodes) {
      if (ttlMs === 0) this.#nodes.delete(host);
      else if (this.#nodes.has(host) || this.#nodes.size < maxNodes) {
        this.#nodes.set(host, { until: now + ttlMs, priority });
      }
    }
  }

  async #end(): Promise<void> {
    this.#cancelTimer();
    const links = [...this.#links];
    this.#links.clear();
    await Promise.all(links.map((link) => link.close()));
  }
}
