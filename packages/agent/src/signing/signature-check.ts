import {
  type Clock,
  type ContentPolicyReply,
  type KeySet,
  newestKeySet,
  signatureFault,
} from '@sluice/protocol';
import { deadline } from '../clock/deadline.ts';
import type { CloudClient } from '../services/cloud-client.ts';

/** Newer keys are asked for after so long, ms. */
const refreshMs = 300_000;
/** A download waits no longer for them. */
const timeoutMs = 2_000;

/** Whose word for a hash list counts. */
export interface TrustedKeys {
  /** Given to this device over a way that is trusted; newer ones follow from it. */
  keys: KeySet;
  /** Without a signature of theirs a download fails; else it goes on in simple mode. */
  isStrict: boolean;
}

/** Holds what the cloud names as the hash of a content against the keys that this device was given. */
export class SignatureCheck {
  readonly isStrict: boolean;
  readonly #clock: Clock;
  readonly #today: () => Date;
  #keys: KeySet;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor({ keys, isStrict }: TrustedKeys, clock: Clock, today: () => Date) {
    this.#keys = keys;
    this.isStrict = isStrict;
    this.#clock = clock;
    this.#today = today;
  }

  /** Why nobody who is trusted vouches for it; undefined when somebody does. Never rejects but with the reason of `signal`. */
  async fault(
    policy: ContentPolicyReply,
    cloud: Pick<CloudClient, 'keySets'> | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    await this.#refresh(cloud, signal);
    return signatureFault(policy, this.#keys, Math.floor(this.#today().getTime() / 1000));
  }

  /** A cloud that does not answer brings no newer keys: those that are known hold on. */
  async #refresh(
    cloud: Pick<CloudClient, 'keySets'> | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const now = this.#clock.now();
    if (!cloud || now - this.#askedAt < refreshMs) return;
    try {
      using limit = deadline(this.#clock, timeoutMs, signal);
      const chain = await cloud.keySets(limit.signal);
      this.#keys = newestKeySet(this.#keys, chain);
      this.#askedAt = now;
    } catch {
      signal.throwIfAborted();
    }
  }
}
