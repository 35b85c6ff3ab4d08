import { delaysOf } from '@sluice/engine';
import { toSluiceError } from '@sluice/protocol';
import { delay } from '../clock/delay.ts';
import { inTime } from '../clock/in-time.ts';
import { unlessAborted } from '../clock/unless-aborted.ts';
import type { ContentDescription, ContentStore } from '../store/index.ts';
import { cloudTimeoutMs } from './ask-cloud.ts';
import { cloudPatienceMs, mostMs, patienceAfter } from './cloud-patience.ts';
import { type ContentPlan, type PlanDefaults, planWithoutCloud } from './content-plan.ts';
import type { Download, DownloadContext } from './download.ts';
import { fetchUnverified } from './fetch-unverified.ts';
import { type EarlyLook, lookEarly } from './look-early.ts';
import { noCounters } from './origin-tag.ts';

/** So small a file is fetched at once: peers could not make it come sooner. Bytes. */
const smallBytes = 262_144;
/** So long what is larger is fetched on when the cloud has answered, to the ends of the pieces under way, ms. */
const drainMs = 1_000;
/** What would be through so soon comes to its end where the cloud was late, ms. */
const nearEndMs = 20_000;

/**
 * Fetches in simple mode while it is not known yet what the content is, and so keeps a slow cloud from
 * making a download slower than plain HTTP. What came is held against the hash list when there is one.
 */
export class HeadStart {
  readonly plan: ContentPlan;
  readonly #download: Download;
  readonly #context: DownloadContext;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  /** What an answer of the cloud takes as a rule, ms. */
  readonly #usualMs: () => number | undefined;
  /** All of it is here, and waits to be given out. */
  readonly #complete = Promise.withResolvers<void>();
  /** It is settled that there is nothing to verify with. */
  readonly #simple = Promise.withResolvers<void>();
  readonly #work: Promise<{ error?: unknown }>;
  readonly #startedAt: number;
  #hasBegun = false;
  #isSmall = false;
  /** The cloud took longer than any is waited for. */
  #isLate = false;
  #isProofExpected = false;
  #settledHost: string | undefined;

  /** @returns undefined where nothing is to be gained: no cloud to wait for, or HTTP has to wait for others. */
  static async begin(
    download: Download,
    context: DownloadContext,
    defaults: PlanDefaults,
    signal: AbortSignal,
  ): Promise<HeadStart | undefined> {
    const { request, trusted } = download;
    if (!defaults.cloud || trusted || defaults.scope.mode === 'Simple') return undefined;
    const { peersMs, cacheMs } = delaysOf(context.settings.current, download.foreground.current);
    if (peersMs > 0 || cacheMs > 0) return undefined;
    const { cloud } = defaults;
    const plan = await planWithoutCloud(request, defaults);
    return new HeadStart(download, context, plan, () => cloud.usualAnswerMs, signal);
  }

  private constructor(
    download: Download,
    context: DownloadContext,
    plan: ContentPlan,
    usualMs: () => number | undefined,
    signal: AbortSignal,
  ) {
    this.#usualMs = usualMs;
    this.#startedAt = context.clock.now();
    this.#download = download;
    this.#context = context;
    this.plan = plan;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
    download.progress.findings = plan.findings;
    this.#work = this.#run().then(
      () => ({}),
      (error: unknown) => ({ error }),
    );
  }

  /**
   * Whether others are not waited for before bytes go on: little is left to come, or the cloud was too slow.
   * After a short head start they are, or each device of a fleet would go on with what is another's to fetch.
   */
  get waivesGrace(): boolean {
    return this.#hasBegun && (this.#isSmall || this.#isLate);
  }

  /** Resolves when it brings nothing any more: all is here, or it has failed. */
  get ended(): Promise<unknown> {
    return Promise.race([this.#complete.promise, this.#work]);
  }

  /**
   * There is something to verify with: only what is small begins yet.
   * @returns when it may be handed over. A cloud that comes late names peers too late for what is soon
   *   through: who takes over has to connect anew, and to learn what is fast.
   */
  async expectProof(plan: ContentPlan): Promise<void> {
    this.#isProofExpected = true;
    this.#isLate = this.#elapsedMs >= mostMs;
    this.#settledHost = plan.cacheHosts[0];
    // Another download that waits for the same would not wait any more.
    const isWanted = this.#context.turns.waiting(this.#download.request.Url) > 0;
    if (!isWanted && this.#elapsedMs > cloudTimeoutMs && this.#restMs() <= nearEndMs)
      await this.#inTime(nearEndMs, this.ended);
  }

  /**
   * It is simple mode after all.
   * @returns whether everything was fetched and delivered; if not, it is to be done anew.
   * @throws what `fetchUnverified` throws.
   */
  async goOn(plan: ContentPlan): Promise<boolean> {
    const isSame = plan.cacheHosts.join() === this.plan.cacheHosts.join();
    if (!this.#hasBegun || !isSame) {
      await this.stop();
      // What is there is counted when it is taken up again.
      this.#uncount();
      return false;
    }
    plan.findings.include(this.plan.findings);
    this.#simple.resolve();
    const outcome = await this.#work;
    if ('error' in outcome) throw outcome.error;
    return true;
  }

  /**
   * Ends it; what came becomes the beginning of the content unless there is something of it already.
   * @returns bytes that had come.
   */
  async handOver(content: ContentDescription): Promise<number> {
    await this.#toAnEnd(content.contentLength);
    await this.stop();
    if (!this.#hasBegun) return 0;
    await this.#inStore((store) => store.adopt(this.#download.request.Url, content));
    return this.#uncount();
  }

  /** Ends it, and forgets what came. */
  async drop(): Promise<void> {
    await this.stop();
    if (!this.#hasBegun) return;
    await this.#inStore((store) => store.remove(this.#download.request.Url));
    this.#download.progress.waste.duplicateBytes += this.#uncount();
  }

  /** Ends it where it is; what came stays in the store. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const { error } = await this.#work;
    if (error === undefined) return;
    const { id } = this.#download;
    this.#context.logger.debug({ err: toSluiceError(error), download: id }, 'head start ended');
  }

  /**
   * The parts of a piece cannot be handed over: what is under way comes to its end, unless that takes long.
   * Where many devices share a line it does, and all of them are at the same pieces.
   */
  async #toAnEnd(size: number): Promise<void> {
    const { transfer } = this.#download.progress;
    if (size <= smallBytes) await this.#inTime(mostMs, this.ended);
    else if (transfer) await this.#inTime(drainMs, transfer.drain(drainMs));
  }

  /** How long the rest takes at the pace of now, ms. */
  #restMs(): number {
    const { fileSize, onDisk, transfer } = this.#download.progress;
    if (!transfer) return Number.POSITIVE_INFINITY;
    return (1000 * (fileSize - onDisk())) / transfer.goodput.rate(this.#context.clock.now());
  }

  #inTime<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
    return inTime(this.#context.clock, ms, work, this.#signal);
  }

  #uncount(): number {
    const { counters, progress } = this.#download;
    progress.cacheHost = this.#settledHost;
    const came = counters.BytesFromHttp;
    Object.assign(counters, noCounters());
    return came;
  }

  /** Another download may have the entry open by now: what came is lost then, and no more than that. */
  async #inStore(work: (store: ContentStore) => Promise<void>): Promise<void> {
    try {
      await work(this.#context.hub.store);
    } catch (err) {
      this.#context.logger.info({ err, download: this.#download.id }, 'a head start is lost');
    }
  }

  async #run(): Promise<void> {
    const signal = this.#signal;
    const look = lookEarly(this.#download, this.#context, signal);
    try {
      if (!(await this.#isWorthIt(look))) return;
      this.#hasBegun = true;
      this.#download.progress.modeReason = this.plan.reason;
      const options = { look, mayDeliver: () => this.#mayDeliver() };
      await fetchUnverified(this.#download, this.#context, this.plan, signal, options);
    } finally {
      await look.close();
    }
  }

  /** Small files begin at once, others when the cloud has had its time. */
  async #isWorthIt(look: EarlyLook): Promise<boolean> {
    const until = (ms: number) => delay(this.#context.clock, ms - this.#elapsedMs, this.#signal);
    const idleShare = this.#context.host.idleShare();
    const facts = await this.#inTime(mostMs - this.#elapsedMs, look.facts);
    this.#isSmall = facts?.contentLength !== undefined && facts.contentLength <= smallBytes;
    if (!this.#isSmall) {
      let dueMs = cloudPatienceMs(facts ? this.#elapsedMs : undefined, this.#usualMs());
      do {
        await until(dueMs);
        dueMs = patienceAfter(dueMs, this.#elapsedMs, idleShare());
      } while (this.#elapsedMs < dueMs && !this.#signal.aborted);
    }
    return !this.#signal.aborted && (this.#isSmall || !this.#isProofExpected);
  }

  get #elapsedMs(): number {
    return this.#context.clock.now() - this.#startedAt;
  }

  /** Nothing is given out unverified while there may be something to verify it with. */
  #mayDeliver(): Promise<void> {
    this.#complete.resolve();
    return unlessAborted(this.#simple.promise, this.#signal);
  }
}
