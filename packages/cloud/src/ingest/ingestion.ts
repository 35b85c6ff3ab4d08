import { type Clock, type IngestLimits, sluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import { contentUrl } from '../catalogue/content-url.ts';
import { wallTimeOf } from '../clock/wall-time.ts';
import { RateLimiter } from '../http/rate-limiter.ts';
import { AllowedHosts } from './allowed-hosts.ts';
import { ContentSigner, type SigningKey } from './content-signer.ts';
import type { IngestJobs } from './ingest-jobs.ts';
import { IngestRunner } from './ingest-runner.ts';
import { differing, digestsInUrl, digestsOfCaller } from './known-digests.ts';
import { Pace } from './pace.ts';
import type { TakeInParts } from './take-in.ts';

export interface IngestOptions {
  /** `host`, `host:port` or `*.suffix`. */
  allow: string[];
  /** Bytes a second, over all jobs of this cloud. */
  rate?: number | undefined;
  /** Bytes of an object. */
  maxLength?: number | undefined;
  /** What was taken in is signed by it. */
  signKey?: SigningKey | undefined;
}

/** What somebody who asks for a content policy knows of the content. */
export interface AskedContent {
  altCatalogId?: string;
  sha256?: string;
  integrity?: string;
}

const defaultRate = 50 * 1024 ** 2;
const defaultMaxLength = 64 * 1024 ** 3;
/** New URLs of one site a second, in the long run: each costs the source a whole download. */
const urlsPerSecond = 5;
/** A URL that was asked for is not looked up in the queue again before, ms. */
const rememberMs = 10_000;
const maxRemembered = 10_000;

/** Contents that nobody published: hashed by the cloud itself when a device asks for them, of allowed hosts only. */
export class Ingestion {
  readonly jobs: IngestJobs;
  readonly limits: IngestLimits;
  readonly #hosts: AllowedHosts;
  readonly #runner: IngestRunner;
  readonly #limiter: RateLimiter;
  readonly #clock: Clock;
  readonly #logger: Logger | undefined;
  readonly #asked = new Map<string, number>();

  /** @throws InvalidArgument: an entry of the list is none */
  constructor(
    { allow, rate = defaultRate, maxLength = defaultMaxLength, signKey }: IngestOptions,
    parts: Omit<TakeInParts, 'pace' | 'signer'> & {
      jobs: IngestJobs;
      clock: Clock;
      logger: Logger | undefined;
    },
  ) {
    const { jobs, clock, logger } = parts;
    this.jobs = jobs;
    this.limits = { Allow: allow, Rate: rate, MaxLength: maxLength };
    this.#clock = clock;
    this.#logger = logger;
    this.#hosts = new AllowedHosts(allow);
    this.#limiter = new RateLimiter(clock, urlsPerSecond);
    const pace = new Pace(clock, rate);
    const signer = signKey && new ContentSigner(signKey, wallTimeOf(clock));
    this.#runner = new IngestRunner({ ...parts, hosts: this.#hosts, maxLength, pace, signer });
  }

  /**
   * A device asked for this URL. Never rejects, and nobody waits for it.
   * @param site who asks. @param isKnown it has a content, of whomever: only what was taken in is looked at again
   */
  async asked(altCatalogId: string, site: string, isKnown: boolean): Promise<void> {
    const url = contentUrl(altCatalogId);
    if (url === undefined || !this.#hosts.permits(new URL(url)) || this.#wasAsked(url)) return;
    if (!isKnown && !this.#limiter.take(site)) return;
    this.#remember(url);
    try {
      const { jobs } = this;
      if (await (isKnown ? jobs.wantAgain(url) : jobs.want(url))) this.#runner.look();
    } catch (err) {
      this.#logger?.warn({ err }, 'a hashing job is not queued');
    }
  }

  /** An admin wants these URLs: all, or none if one is not right. @throws RequestInvalid, IngestNotAllowed, TooManyRequests */
  async add(texts: readonly string[]): Promise<void> {
    const urls = texts.map((text) => this.#permitted(text));
    for (const url of urls) await this.jobs.want(url);
    this.#runner.look();
  }

  #permitted(text: string): string {
    const url = contentUrl(text);
    if (url === undefined) throw sluiceError('RequestInvalid', { detail: 'Url is no http(s) URL' });
    if (this.#hosts.permits(new URL(url))) return url;
    const { host } = new URL(url);
    throw sluiceError('IngestNotAllowed', { host, detail: 'it is not on the list' });
  }

  /** @throws NoSuchResource */
  async retry(id: string): Promise<void> {
    await this.jobs.retry(id);
    this.#runner.look();
  }

  /**
   * Whether what was taken in is what the asker means, as far as they told a digest; what somebody published is.
   */
  async isMeant({ altCatalogId = '', ...told }: AskedContent, contentId: string): Promise<boolean> {
    const known = { ...digestsInUrl(altCatalogId), ...digestsOfCaller(told) };
    const url = contentUrl(altCatalogId);
    if (Object.keys(known).length === 0 || url === undefined) return true;
    const row = await this.jobs.find(url);
    return row?.content_id !== contentId || differing(known, row) === undefined;
  }

  close(): Promise<void> {
    return this.#runner.close();
  }

  #wasAsked(url: string): boolean {
    const at = this.#asked.get(url);
    return at !== undefined && this.#clock.now() - at < rememberMs;
  }

  #remember(url: string): void {
    this.#asked.delete(url);
    this.#asked.set(url, this.#clock.now());
    const [oldest] = this.#asked.keys();
    if (oldest !== undefined && this.#asked.size > maxRemembered) this.#asked.delete(oldest);
  }
}
