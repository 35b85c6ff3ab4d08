import type { Clock, JoinRequest, PeerEntry } from '@sluice/protocol';
import { deadline } from '../clock/deadline.ts';
import { delay } from '../clock/delay.ts';
import { unlessAborted } from '../clock/unless-aborted.ts';
import type { CloudClient, ContentName } from './cloud-client.ts';

const joinTimeoutMs = 5_000;
const leaveTimeoutMs = 1_000;
const firstRetryMs = 2_000;
const maxRetryMs = 60_000;
/** Discovery is asked anew after so long, ms. */
const rediscoverMs = 600_000;
/** Who may not be listed looks again after so long, unless the array has named its interval, ms. */
const restMs = 300_000;

export interface MembershipOptions {
  cloud: Pick<CloudClient, 'arrayUrl' | 'join' | 'leave'>;
  content: ContentName;
  /** What discovery would say just now, when that is known. */
  arrayUrl?: string | undefined;
  clock: Clock;
  /** Whether to be listed at all; asked before each join. Never rejects. */
  mayJoin: () => Promise<boolean>;
  /** What is said at each join; asked anew each time. */
  describe: () => JoinRequest;
  /** Called with the peers of each reply, and whether this device fetches for its site. */
  onPeers: (peers: PeerEntry[], fetchesForSite: boolean) => void;
  /** A join that failed; the next is tried after a back-off. */
  onFault: (error: unknown) => void;
}

/** Keeps this device listed in the array for one content, and hears of peers there. */
export class ArrayMembership {
  readonly #options: MembershipOptions;
  readonly #stop = new AbortController();
  #pause = new AbortController();
  /** Something changed since the join under way began. */
  #again = false;
  #arrayUrl: string | undefined;
  /** When discovery told it. */
  #foundAt = 0;
  /** Where this device is listed, or may be. */
  #listedAt: string | undefined;
  #loop: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#arrayUrl = options.arrayUrl;
    this.#foundAt = options.clock.now();
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Joins at once rather than at the next interval: something to tell has changed. */
  rejoinNow(): void {
    this.#again = true;
    this.#pause.abort();
  }

  /** Leaves the array, as far as it can be reached. Stopping twice is no fault. */
  stop(): Promise<void> {
    this.#stopped ??= this.#leave();
    return this.#stopped;
  }

  async #leave(): Promise<void> {
    this.#stop.abort();
    this.#pause.abort();
    await this.#loop;
    await this.#sayGoodBye();
  }

  async #sayGoodBye(): Promise<void> {
    const arrayUrl = this.#listedAt;
    this.#listedAt = undefined;
    if (!arrayUrl) return;
    const { cloud, clock, describe } = this.#options;
    const { PeerId, ContentId, AltCatalogId } = describe();
    const body = {
      PeerId,
      ...(ContentId ? { ContentId } : {}),
      ...(AltCatalogId ? { AltCatalogId } : {}),
    };
    using limit = deadline(clock, leaveTimeoutMs);
    // A device that cannot say good-bye is dropped by the array when its time is over.
    await cloud.leave(arrayUrl, body, limit.signal).catch(() => {});
  }

  async #run(): Promise<void> {
    const { clock, onPeers, onFault } = this.#options;
    let retryMs = firstRetryMs;
    let intervalMs = restMs;
    while (!this.#stop.signal.aborted) {
      let waitMs: number;
      this.#again = false;
      try {
        const reply = (await this.#mayJoin()) ? await this.#join() : undefined;
        if (reply) {
          onPeers(reply.Peers, reply.FetchesForSite ?? true);
          intervalMs = reply.NextJoinTimeIntervalInMs;
        } else if (!this.#stop.signal.aborted) await this.#sayGoodBye();
        waitMs = intervalMs;
        retryMs = firstRetryMs;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        onFault(error);
        // The instance may be gone: ask discovery again.
        this.#arrayUrl = undefined;
        waitMs = retryMs;
        retryMs = Math.min(maxRetryMs, retryMs * 2);
      }
      if (this.#again || this.#stop.signal.aborted) continue;
      this.#pause = new AbortController();
      await delay(clock, waitMs, this.#pause.signal);
    }
  }

  #mayJoin(): Promise<boolean> {
    return unlessAborted(this.#options.mayJoin(), this.#stop.signal);
  }

  /** There may be other instances after a while, and who comes then goes to those. */
  async #discover(signal: AbortSignal): Promise<string> {
    const { cloud, content, clock } = this.#options;
    const known = this.#arrayUrl;
    if (known !== undefined && clock.now() - this.#foundAt < rediscoverMs) return known;
    const found = await cloud.arrayUrl(content, signal).catch((error: unknown) => {
      // An array that is known is not left because discovery is away.
      if (known === undefined) throw error;
      return known;
    });
    if (this.#listedAt !== undefined && this.#listedAt !== found) await this.#sayGoodBye();
    this.#foundAt = clock.now();
    return found;
  }

  async #join() {
    const { cloud, clock, describe } = this.#options;
    using limit = deadline(clock, joinTimeoutMs, this.#stop.signal);
    this.#arrayUrl = await this.#discover(limit.signal);
    this.#listedAt = this.#arrayUrl;
    return await cloud.join(this.#arrayUrl, describe(), limit.signal);
  }
}
