import { crc32 } from 'node:zlib';

/*
 * The files of the index are rows of frames, each on its own: u32 length of type and body, u32 CRC-32
 * of type and body, u8 type, body. Little-endian. What follows a torn or damaged frame does not count.
 */

export const frameHead = 9;
/** A longer frame is damage: headers of an answer and a URL are far from it. */
export const maxFrame = 2 ** 24;

/** Finishes a frame whose body was written into `bytes` after room for its head. */
export function sealFrame(bytes: Buffer, type: number): Buffer {
  bytes.writeUInt32LE(bytes.length - 8, 0);
  bytes[8] = type;
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

/** Room for a frame with a body of that many bytes, to be sealed. */
export function newFrame(bodyLength: number): Buffer {
  return Buffer.allocUnsafe(frameHead + bodyLength);
}

/**
 * Walks over the frames of a file as far as it is whole.
 * @param take gets the type, and where the body lies
 * @returns how many bytes were whole
 */
export function readFrames(
  bytes: Buffer,
  take: (type: number, start: number, end: number) => void,
): number {
  let at = 0;
  while (at + frameHead <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    const end = at + 8 + length;
    if (length < 1 || length > maxFrame || end > bytes.length) break;
    if (bytes.readUInt32LE(at + 4) !== crc32(bytes.subarray(at + 8, end))) break;
    take(bytes[at + 8]!, at + frameHead, end);
    at = end;
  }
  return at;
}
