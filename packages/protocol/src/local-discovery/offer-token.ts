import { createHmac } from 'node:crypto';
import type { PeerId } from '../ids/index.ts';

/** Bytes of a token. */
export const tokenLength = 16;

/** What makes a content known to who may share it: whoever does not have this learns nothing. */
export interface ContentKey {
  /** Raw HashOfHashes, 32 bytes. */
  hashOfHashes: Uint8Array;
  /** Set in group mode: only who has the same group id can recognise the content. */
  groupId: string | undefined;
}

/**
 * What a device says on the local network of a content that it offers: an HMAC-SHA-256 under the
 * HashOfHashes, cut to 16 bytes. It covers the salt of the record, so that two devices, or one device
 * at two times, say different things of the same content, and the device, so that another cannot say
 * it under its own name. Whether the device has all of it is in there too, and no bystander's affair.
 */
export function offerToken(
  { hashOfHashes, groupId }: ContentKey,
  offer: { peerId: PeerId; salt: Uint8Array; complete: boolean },
): Uint8Array {
  const hmac = createHmac('sha256', hashOfHashes);
  // No two lists of fields make the same bytes: all but the last have a fixed length.
  hmac.update('sluice local offer 1');
  hmac.update(Uint8Array.of(offer.complete ? 1 : 0, offer.salt.length));
  hmac.update(offer.salt);
  hmac.update(offer.peerId);
  hmac.update((groupId ?? '').toLowerCase());
  return hmac.digest().subarray(0, tokenLength);
}
