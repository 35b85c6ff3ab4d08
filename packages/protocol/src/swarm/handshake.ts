import { type PeerId, parsePeerId } from '../ids/index.ts';
import { dataView, invalid } from './wire.ts';

/** Bytes of a handshake, the first thing each side sends. */
export const handshakeLength = 75;

const name = Buffer.from('Swarm protocol', 'latin1');
const sizeAt = 1 + name.length;
const hashAt = sizeAt + 8;
const peerIdAt = hashAt + 32;

/** What clients before 2023 send in place of the content's size. */
const oldVersion = 0x1_0000_0000n;

export interface Handshake {
  /**
   * Bytes. Undefined when the peer sent the old form without it: a content of exactly 4 GiB looks the
   * same on the wire, so undefined must pass wherever the size would be compared.
   */
  contentLength: bigint | undefined;
  /** 32 bytes: the raw HashOfHashes of the content. */
  swarmHash: Uint8Array;
  peerId: PeerId;
}

/**
 * The 75 bytes of our handshake (wire.md §2).
 * @throws RangeError, InvalidArgument on values that do not fit.
 */
export function encodeHandshake(h: {
  contentLength: number | bigint;
  swarmHash: Uint8Array;
  peerId: PeerId;
}): Uint8Array {
  const size = BigInt(h.contentLength);
  if (size < 0n || size >= 2n ** 64n) throw new RangeError(`content length ${size} is no u64`);
  if (h.swarmHash.length !== 32) throw new RangeError('swarm hash is not of 32 bytes');
  const bytes = new Uint8Array(handshakeLength);
  bytes[0] = name.length;
  bytes.set(name, 1);
  dataView(bytes).setBigUint64(sizeAt, size);
  bytes.set(h.swarmHash, hashAt);
  bytes.set(Buffer.from(parsePeerId(h.peerId), 'hex'), peerIdAt);
  return bytes;
}

/**
 * Reads a peer's handshake; the result shares nothing with `bytes`.
 * @throws InvalidMessage unless it is 75 bytes of this protocol.
 */
export function decodeHandshake(bytes: Uint8Array): Handshake {
  if (bytes.length !== handshakeLength) throw invalid(`handshake of ${bytes.length} bytes`);
  if (bytes[0] !== name.length || name.compare(bytes, 1, sizeAt) !== 0) {
    throw invalid('handshake of another protocol');
  }
  const size = dataView(bytes).getBigUint64(sizeAt);
  return {
    contentLength: size === oldVersion ? undefined : size,
    // Not bytes.slice(): that of a Buffer, which sockets give, is a view.
    swarmHash: Uint8Array.from(bytes.subarray(hashAt, peerIdAt)),
    peerId: Buffer.from(bytes.subarray(peerIdAt)).toString('hex'),
  };
}
