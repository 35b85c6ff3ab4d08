import type { SluiceError } from '@sluice/protocol';
import { delay } from '../clock/delay.ts';
import {
  createCacheSource,
  createHttpSource,
  type Source,
  type SourceFacts,
} from '../source/index.ts';
import type { ContentPlan } from './content-plan.ts';
import type { Download, DownloadContext } from './download.ts';
import type { Transfer } from './transfer.ts';

/** Once one origin has answered, the others get this long. */
const othersMs = 500;

export type OriginSource = Source & { kind: 'http' | 'cache' };
/** What is known of the content already, so that a source can say when it has another one. */
type Expected = Partial<Pick<SourceFacts, 'contentLength' | 'validator' | 'ranges'>>;

/** The HTTP source and the cache host of a download; the next cache host when one is given up. */
export class Origins {
  readonly #download: Download;
  readonly #context: DownloadContext;
  readonly #cacheHosts: string[];
  readonly #sources: OriginSource[] = [];
  #transfer: Transfer | undefined;
  #expected: Expected = {};

  constructor(download: Download, context: DownloadContext, plan: ContentPlan) {
    this.#download = download;
    this.#context = context;
    this.#cacheHosts = [...plan.cacheHosts];
  }

  /** The sources to begin with, made but not opened. */
  make(): OriginSource[] {
    const cache = this.#nextCache();
    return cache ? [cache, this.#http()] : [this.#http()];
  }

  /** Puts sources to work; those of `make`, or new ones. */
  start(transfer: Transfer, expected: Expected): void {
    this.#transfer = transfer;
    this.#expected = expected;
    if (this.#sources.length === 0) this.make();
    for (const source of this.#sources) transfer.addOrigin(source, expected.ranges === false);
  }

  onGiveUp(source: Source, error: SluiceError): void {
    this.#download.progress.notes.push(`gave up ${source.label}: ${error.message}`);
    if (source.kind !== 'cache') return;
    const next = this.#nextCache();
    if (next) this.#transfer?.addOrigin(next, false);
    this.#download.progress.cacheHost = next ? next.label : undefined;
  }

  /** Takes out a source that failed to open. */
  drop(source: OriginSource): void {
    const at = this.#sources.indexOf(source);
    if (at >= 0) this.#sources.splice(at, 1);
  }

  async close(): Promise<void> {
    await Promise.all(this.#sources.map((s) => s.close()));
  }

  #http(): OriginSource {
    const { clock } = this.#context;
    const { Url: url } = this.#download.request;
    return this.#keep(createHttpSource({ url, clock, expected: this.#known() }));
  }

  #nextCache(): OriginSource | undefined {
    const cacheHost = this.#cacheHosts.shift();
    if (cacheHost === undefined) return undefined;
    const { clock } = this.#context;
    const { Url: url } = this.#download.request;
    this.#download.progress.cacheHost = cacheHost;
    return this.#keep(createCacheSource({ cacheHost, url, clock, expected: this.#known() }));
  }

  #known(): { contentLength?: number; validator?: string } {
    const { contentLength, validator } = this.#expected;
    return {
      ...(contentLength === undefined ? {} : { contentLength }),
      ...(validator === undefined ? {} : { validator }),
    };
  }

  #keep(source: Source): OriginSource {
    this.#sources.push(source as OriginSource);
    this.#download.progress.sources.push(source);
    return source as OriginSource;
  }
}

/**
 * Opens all origins at once and takes the word of the first that answers; one that failed by then
 * or says otherwise is left out.
 * @throws the last error, the HTTP source's, when none answers.
 */
export async function openOrigins(
  download: Download,
  context: DownloadContext,
  plan: ContentPlan,
  signal: AbortSignal,
): Promise<{ origins: Origins; facts: SourceFacts; first: OriginSource }> {
  const origins = new Origins(download, context, plan);
  const sources = origins.make();
  const attempts = sources.map(async (source) => ({ source, facts: await source.open(signal) }));
  try {
    const first = await Promise.any(attempts);
    const limit = delay(context.clock, othersMs, signal).then(() => undefined);
    for (const [i, source] of sources.entries()) {
      const other = await Promise.race([attempts[i]!.catch(() => undefined), limit]);
      if (other && sameObject(other.facts, first.facts)) continue;
      origins.drop(source);
      await source.close();
    }
    return { origins, facts: first.facts, first: first.source };
  } catch (error) {
    await origins.close();
    throw error instanceof AggregateError ? error.errors.at(-1) : error;
  }
}

function sameObject(a: SourceFacts, b: SourceFacts): boolean {
  return (
    a.contentLength === b.contentLength && a.validator === b.validator && a.ranges === b.ranges
  );
}
