import { sluiceError } from '../errors/index.ts';

/** A peer's id as text: 40 lower-case hex digits, a 16-byte GUID and a 4-byte suffix of zeros (wire.md §2). */
export type PeerId = string;

/** @throws InvalidArgument unless `text` is 40 hex digits. */
export function parsePeerId(text: string): PeerId {
  if (!/^[0-9a-f]{40}$/i.test(text)) {
    throw sluiceError('InvalidArgument', { name: 'peer id', detail: 'not 40 hex digits' });
  }
  return text.toLowerCase();
}

/** The peer id of a device whose GUID has these 16 bytes. */
export function peerIdFromGuid(guid: Uint8Array): PeerId {
  return `${Buffer.from(guid.subarray(0, 16)).toString('hex')}00000000`;
}
