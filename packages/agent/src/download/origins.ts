import type { SluiceError } from '@sluice/protocol';
import type { ExpectedObject } from '../source/http/known-object.ts';
import { createCacheSource, createHttpSource, type Source } from '../source/index.ts';
import type { ContentPlan } from './content-plan.ts';
import type { Download, DownloadContext } from './download.ts';
import type { Transfer } from './transfer.ts';

export type OriginSource = Source & { kind: 'http' | 'cache' };

/** The HTTP source and the cache host of a download; the next cache host when one is given up. */
export class Origins {
  readonly #download: Download;
  readonly #context: DownloadContext;
  readonly #cacheHosts: string[];
  readonly #open = new Set<OriginSource>();
  #work: { transfer: Transfer; expected: ExpectedObject } | undefined;

  constructor(download: Download, context: DownloadContext, plan: ContentPlan) {
    this.#download = download;
    this.#context = context;
    this.#cacheHosts = [...plan.cacheHosts];
  }

  /** The HTTP source. @param expected it says SourceChanged when it has another content. */
  http(expected: ExpectedObject = {}): OriginSource {
    const { clock } = this.#context;
    const { Url: url } = this.#download.request;
    return this.#keep(createHttpSource({ url, clock, expected }));
  }

  /** The next cache host; undefined when there is none left. */
  cache(expected: ExpectedObject = {}): OriginSource | undefined {
    const cacheHost = this.#cacheHosts.shift();
    this.#download.progress.cacheHost = cacheHost;
    if (cacheHost === undefined) return undefined;
    const { clock } = this.#context;
    const { Url: url } = this.#download.request;
    return this.#keep(createCacheSource({ cacheHost, url, clock, expected }));
  }

  /**
   * Puts sources to work, those given and new ones in place of what is missing of an HTTP source and
   * a cache host.
   */
  start(
    transfer: Transfer,
    expected: ExpectedObject,
    ready: ReadonlyArray<{ source: OriginSource; sequential: boolean }> = [],
  ): void {
    this.#work = { transfer, expected };
    const kinds = ready.map(({ source }) => source.kind);
    for (const { source, sequential } of ready) transfer.addOrigin(source, sequential);
    if (!kinds.includes('cache')) this.#addCache();
    if (!kinds.includes('http')) transfer.addOrigin(this.http(expected), false);
  }

  /** The transfer asks the source no more. */
  onGiveUp(source: Source, error: SluiceError): void {
    const { kind, label } = source;
    if (kind === 'peer') return;
    this.#download.progress.findings.add({ what: 'gaveUp', kind, label, error });
    if (kind === 'cache') this.#addCache();
  }

  /** Takes out a source that is not to be used. */
  async drop(source: OriginSource): Promise<void> {
    this.#open.delete(source);
    await source.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((s) => s.close()));
  }

  #addCache(): void {
    const next = this.#work && this.cache(this.#work.expected);
    if (next) this.#work?.transfer.addOrigin(next, false);
  }

  #keep(source: Source): OriginSource {
    this.#open.add(source as OriginSource);
    this.#download.progress.sources.push(source);
    return source as OriginSource;
  }
}
