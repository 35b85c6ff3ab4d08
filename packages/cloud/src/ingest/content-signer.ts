import type { KeyObject } from 'node:crypto';
import {
  type HashListSignature,
  keyIdOf,
  publicKeyText,
  type SignedContent,
  signHashList,
} from '@sluice/protocol';

/** Both halves of an Ed25519 key. */
export interface SigningKey {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** Clocks of devices differ, s. */
const slackSeconds = 3_600;
/** How long a signature holds, and how much of that may be left when it is renewed, s. */
const validSeconds = 90 * 86_400;
const renewSeconds = validSeconds / 2;

/** Signs what this cloud has hashed itself. */
export class ContentSigner {
  readonly #key: SigningKey;
  readonly #keyId: string;
  readonly #wallTime: () => number;

  constructor(key: SigningKey, wallTime: () => number) {
    this.#key = key;
    this.#keyId = keyIdOf(publicKeyText(key.publicKey));
    this.#wallTime = wallTime;
  }

  /** @returns the signature that it has, as long as that holds: a publisher's word counts for more. */
  sign(
    content: Omit<SignedContent, 'NotBefore' | 'NotAfter'>,
    before: HashListSignature | undefined,
  ): HashListSignature {
    const now = Math.floor(this.#wallTime() / 1000);
    const needed = before?.KeyId === this.#keyId ? renewSeconds : 0;
    if (before && before.NotAfter - now > needed) return before;
    const valid = { NotBefore: now - slackSeconds, NotAfter: now + validSeconds };
    return signHashList({ ...content, ...valid }, this.#key.privateKey, this.#key.publicKey);
  }
}
