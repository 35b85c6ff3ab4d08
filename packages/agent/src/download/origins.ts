import { delaysOf } from '@sluice/engine';
import type { SluiceError } from '@sluice/protocol';
import type { ExpectedObject } from '../source/http/known-object.ts';
import { createCacheSource, createHttpSource, type Source } from '../source/index.ts';
import { CacheRounds } from './cache-rounds.ts';
import type { ContentPlan } from './content-plan.ts';
import type { Download, DownloadContext } from './download.ts';
import { OriginOpening } from './origin-opening.ts';
import type { Transfer } from './transfer.ts';

export type OriginSource = Source & { kind: 'http' | 'cache' };

/** What a transfer works with besides new sources. */
export interface StartOptions {
  /** It may use peers, and delays that leave it to them count. */
  hasPeers: boolean;
  /** Sources that were opened before, the one whose word counts first. */
  ready?: ReadonlyArray<{ source: OriginSource; sequential: boolean }>;
}

/** The HTTP source and the cache host of a download; the next cache host when one is given up. */
export class Origins {
  readonly #download: Download;
  readonly #context: DownloadContext;
  readonly #hosts: CacheRounds;
  readonly #open = new Set<OriginSource>();
  #work: { transfer: Transfer; expected: ExpectedObject } | undefined;
  #opening: OriginOpening | undefined;
  #cancelRound: () => void = () => {};

  constructor(download: Download, context: DownloadContext, plan: ContentPlan) {
    this.#download = download;
    this.#context = context;
    this.#hosts = new CacheRounds(plan.cacheHosts);
  }

  /** The HTTP source. @param expected it says SourceChanged when it has another content. */
  http(expected: ExpectedObject = {}): OriginSource {
    const { clock } = this.#context;
    const { Url: url } = this.#download.request;
    return this.#keep(createHttpSource({ url, clock, expected }));
  }

  /** A source that was opened before: it is closed with the others. */
  use(source: OriginSource): void {
    this.#keep(source);
  }

  /** The next cache host; undefined when all were tried. */
  cache(expected: ExpectedObject = {}): OriginSource | undefined {
    const cacheHost = this.#hosts.next();
    this.#download.progress.cacheHost = cacheHost;
    if (cacheHost === undefined) return undefined;
    const { clock } = this.#context;
    const { Url: url } = this.#download.request;
    return this.#keep(createCacheSource({ cacheHost, url, clock, expected }));
  }

  /** All cache hosts were tried. @returns how long to wait before they are tried once more, ms. */
  nextRound(): number {
    return this.#hosts.again();
  }

  /**
   * Puts sources to work, those given and new ones in place of what is missing of an HTTP source and
   * a cache host. When they may be asked is for the delay policies to say.
   */
  start(
    transfer: Transfer,
    expected: ExpectedObject,
    { hasPeers, ready = [] }: StartOptions,
  ): void {
    this.#work = { transfer, expected };
    const { settings, clock } = this.#context;
    const delays = delaysOf(settings, this.#download.request.Foreground ?? false);
    const hasCache = ready[0] ? ready[0].source.kind === 'cache' : this.#hosts.left > 0;
    this.#opening = new OriginOpening(delays, { hasPeers, hasCache }, clock, transfer);
    const kinds = ready.map(({ source }) => source.kind);
    for (const { source, sequential } of ready) transfer.addOrigin(source, sequential);
    if (!kinds.includes('cache')) this.#addCache();
    if (!kinds.includes('http')) transfer.addOrigin(this.http(expected), false);
  }

  /** When HTTP and cache may be asked; undefined before the start. */
  get opening(): OriginOpening | undefined {
    return this.#opening;
  }

  /** The cache host has brought a piece, or failed a request. */
  onCache(worked: boolean): void {
    this.#opening?.cache(worked);
    if (worked) this.#hosts.worked();
  }

  /** The transfer asks the source no more. */
  onGiveUp(source: Source, error: SluiceError): void {
    const { kind, label } = source;
    if (kind === 'peer') return;
    this.#download.progress.findings.add({ what: 'gaveUp', kind, label, error });
    if (kind !== 'cache') return;
    this.#opening?.cache(false);
    this.#addCache();
  }

  /** Takes out a source that is not to be used. */
  async drop(source: OriginSource): Promise<void> {
    this.#open.delete(source);
    await source.close();
  }

  async close(): Promise<void> {
    this.#work = undefined;
    this.#cancelRound();
    this.#opening?.[Symbol.dispose]();
    await Promise.all([...this.#open].map((s) => s.close()));
  }

  #addCache(): void {
    const next = this.#work && this.cache(this.#work.expected);
    if (next) this.#work?.transfer.addOrigin(next, false);
    else if (this.#work && this.#opening?.waitsForCache) {
      // HTTP is closed for the cache hosts' sake: they are tried in turn until it opens.
      const { clock } = this.#context;
      this.#cancelRound = clock.setTimer(this.#hosts.again(), () => {
        if (this.#opening?.waitsForCache) this.#addCache();
      });
    }
  }

  #keep(source: Source): OriginSource {
    this.#open.add(source as OriginSource);
    this.#download.progress.sources.push(source);
    return source as OriginSource;
  }
}
