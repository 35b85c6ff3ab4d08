import { invalid } from './wire.ts';

/** Keys that a device has at a time: the current one and those before it. */
export const maxPeerKeys = 4;
const version = 1;
const nonceLength = 32;
const keyIdLength = 8;

/** What a device of a tenant sends first after its handshake: prove that you belong here. */
export interface Challenge {
  /** 32 bytes nobody can foresee. */
  nonce: Uint8Array;
  /** Ids of the keys that it can check a proof with, 16 hex digits each, the newest first. */
  keyIds: string[];
}

/** u8 version ‖ nonce ‖ u8 n ‖ n × 8 bytes */
export function encodeChallenge({ nonce, keyIds }: Challenge): Uint8Array {
  if (nonce.length !== nonceLength) throw new RangeError(`nonce of ${nonce.length} bytes`);
  if (keyIds.length > maxPeerKeys) throw new RangeError(`${keyIds.length} keys`);
  const ids = keyIds.map((id) => Buffer.from(id, 'hex'));
  return Buffer.concat([Uint8Array.of(version), nonce, Uint8Array.of(ids.length), ...ids]);
}

/** A copy. @throws InvalidMessage */
export function decodeChallenge(body: Uint8Array): Challenge {
  const bytes = Buffer.from(body);
  const count = bytes[1 + nonceLength] ?? maxPeerKeys + 1;
  const idsAt = 1 + nonceLength + 1;
  const isWhole = count <= maxPeerKeys && bytes.length === idsAt + count * keyIdLength;
  if (bytes[0] !== version || !isWhole) throw invalid('malformed challenge');
  const keyIds = Array.from({ length: count }, (_, i) =>
    bytes.toString('hex', idsAt + i * keyIdLength, idsAt + (i + 1) * keyIdLength),
  );
  return { nonce: bytes.subarray(1, 1 + nonceLength), keyIds };
}
