import { delaysOf } from '@sluice/engine';
import type { SluiceError } from '@sluice/protocol';
import type { ExpectedObject } from '../source/http/known-object.ts';
import { createCacheSource, createHttpSource, type Source } from '../source/index.ts';
import { CacheRounds } from './cache-rounds.ts';
import type { ContentPlan } from './content-plan.ts';
import type { Download, DownloadContext } from './download.ts';
import { accessTo } from './http-access.ts';
import { OriginOpening } from './origin-opening.ts';
import type { Transfer } from './transfer.ts';

/** Mirrors at work at a time, and requests at once to each. */
const maxMirrors = 2;
const mirrorFetches = 2;

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
  readonly #mirrorUrls: string[];
  readonly #mirrors = new Set<Source>();
  readonly #allowsHttp: boolean;
  #work: { transfer: Transfer; expected: ExpectedObject } | undefined;
  #opening: OriginOpening | undefined;
  #cancelRound: () => void = () => {};
  #unwatch: () => void = () => {};

  constructor(download: Download, context: DownloadContext, plan: ContentPlan) {
    this.#download = download;
    this.#context = context;
    this.#hosts = new CacheRounds(plan.cacheHosts);
    this.#mirrorUrls = [...plan.mirrors];
    this.#allowsHttp = plan.allow?.Http !== false;
  }

  /** The HTTP source. @param expected it says SourceChanged when it has another content. */
  http(expected: ExpectedObject = {}): OriginSource {
    return this.#keep(this.#create(this.#download.request.Url, expected));
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
    const { hostSlots: slots } = this.#context;
    const { span, cdnFaults } = this.#download.progress;
    const { onFault } = cdnFaults;
    return this.#keep(createCacheSource({ cacheHost, url, clock, expected, slots, onFault, span }));
  }

  /** Mirrors that were not tried. */
  get mirrorsLeft(): number {
    return this.#mirrorUrls.length;
  }

  /** The next mirror; undefined when all were tried. */
  mirror(expected: ExpectedObject = {}): OriginSource | undefined {
    const url = this.#mirrorUrls.shift();
    if (url === undefined) return undefined;
    const source = this.#keep(this.#create(url, expected));
    this.#mirrors.add(source);
    return source;
  }

  /** Whether it is not the URL that was asked for, but another of the same object. */
  isMirror(source: Source): boolean {
    return this.#mirrors.has(source);
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
    const { foreground } = this.#download;
    const delays = () => delaysOf(settings.current, foreground.current);
    const hasCache = ready[0] ? ready[0].source.kind === 'cache' : this.#hosts.left > 0;
    const doors = this.#allowsHttp ? transfer : withoutHttp(transfer);
    doors.setOpen({ http: true, cache: true });
    this.#opening = new OriginOpening(delays(), { hasPeers, hasCache }, clock, doors);
    const look = () => this.#opening?.setDelays(delays());
    const unwatch = [settings.watch(look), foreground.watch(look)];
    this.#unwatch = () => {
      for (const end of unwatch) end();
    };
    for (const { source, sequential } of ready) transfer.addOrigin(source, sequential);
    if (!ready.some(({ source }) => source.kind === 'cache')) this.#addCache();
    // A source that is never to be asked would be one to wait for.
    if (!this.#allowsHttp) return;
    const hasOwn = ready.some(({ source }) => source.kind === 'http' && !this.isMirror(source));
    if (!hasOwn) transfer.addOrigin(this.http(expected), false);
    while (this.#mirrors.size < maxMirrors && this.#addMirror());
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
    if (this.isMirror(source)) this.#addMirror();
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
    this.#unwatch();
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

  #addMirror(): boolean {
    // Bytes that nobody checks must be of the very version that the others have.
    const next = this.#work && this.mirror({ ...this.#work.expected, sameValidator: true });
    if (next) this.#work?.transfer.addOrigin(next, false, mirrorFetches);
    return next !== undefined;
  }

  #create(url: string, expected: ExpectedObject): Source {
    const { clock } = this.#context;
    const access = accessTo(url, this.#download.request, this.#context);
    const { span, cdnFaults } = this.#download.progress;
    const { onFault } = cdnFaults;
    return createHttpSource({ url, clock, expected, onFault, span, ...access });
  }

  #keep(source: Source): OriginSource {
    this.#open.add(source as OriginSource);
    this.#download.progress.sources.push(source);
    return source as OriginSource;
  }
}

/** HTTP is not allowed: it stays closed, whatever the delays say. */
function withoutHttp(transfer: Transfer): Pick<Transfer, 'setOpen'> {
  return { setOpen: ({ cache }) => transfer.setOpen({ http: false, cache }) };
}
