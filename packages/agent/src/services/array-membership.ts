import {
  type Clock,
  type JoinReply,
  type JoinRequest,
  type PeerEntry,
  parseJoinReply,
  sluiceError,
} from '@sluice/protocol';
import { deadline } from '../clock/deadline.ts';
import { delay } from '../clock/delay.ts';
import type { CloudClient, ContentName } from './cloud-client.ts';
import { requestJson } from './http-json.ts';

const joinTimeoutMs = 5_000;
const leaveTimeoutMs = 1_000;
const firstRetryMs = 2_000;
const maxRetryMs = 60_000;

export interface MembershipOptions {
  cloud: CloudClient;
  content: ContentName;
  clock: Clock;
  /** What is said at each join; asked anew each time. */
  describe: () => JoinRequest;
  /** Called with the peers of each reply. */
  onPeers: (peers: PeerEntry[]) => void;
  /** A join that failed; the next is tried after a back-off. */
  onFault: (error: unknown) => void;
}

/** Keeps this device listed in the array for one content, and hears of peers there. */
export class ArrayMembership {
  readonly #options: MembershipOptions;
  readonly #stop = new AbortController();
  #rejoin = new AbortController();
  #arrayUrl: string | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Joins at once rather than at the next interval: something to tell has changed. */
  rejoinNow(): void {
    this.#rejoin.abort();
  }

  /** Leaves the array, as far as it can be reached. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    if (!this.#arrayUrl) return;
    const { PeerId, ContentId, AltCatalogId } = this.#options.describe();
    const body = {
      PeerId,
      ...(ContentId ? { ContentId } : {}),
      ...(AltCatalogId ? { AltCatalogId } : {}),
    };
    using limit = deadline(this.#options.clock, leaveTimeoutMs);
    // A device that cannot say good-bye is dropped by the array when its time is over.
    await requestJson('array', `${this.#arrayUrl}leave/`, { signal: limit.signal, body }).catch(
      () => {},
    );
  }

  async #run(): Promise<void> {
    const { clock, onPeers, onFault } = this.#options;
    let retryMs = firstRetryMs;
    while (!this.#stop.signal.aborted) {
      let waitMs: number;
      try {
        const reply = await this.#join();
        onPeers(reply.Peers);
        waitMs = reply.NextJoinTimeIntervalInMs;
        retryMs = firstRetryMs;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        onFault(error);
        // The instance may be gone: ask discovery again.
        this.#arrayUrl = undefined;
        waitMs = retryMs;
        retryMs = Math.min(maxRetryMs, retryMs * 2);
      }
      this.#rejoin = new AbortController();
      await delay(clock, waitMs, AbortSignal.any([this.#stop.signal, this.#rejoin.signal]));
    }
  }

  async #join(): Promise<JoinReply> {
    const { cloud, content, clock, describe } = this.#options;
    using limit = deadline(clock, joinTimeoutMs, this.#stop.signal);
    this.#arrayUrl ??= await cloud.arrayUrl(content, limit.signal);
    const reply = await requestJson('array', `${this.#arrayUrl}join/`, {
      signal: limit.signal,
      body: describe(),
    });
    if (reply.status !== 200) {
      throw sluiceError('ServiceRefused', { service: 'array', status: reply.status, detail: '' });
    }
    return parseJoinReply(reply.json);
  }
}
