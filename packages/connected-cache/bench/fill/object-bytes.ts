import { createHash } from 'node:crypto';

/** The object repeats after so many bytes: no multiple of a piece, so that a mixed-up piece shows. */
export const repeat = 1024 * 1024 + 4099;

const pattern = makePattern();

/** Bytes `start` up to `start + length` of the bench's object. */
export function objectBytes(start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const from = (start + done) % repeat;
    done += pattern.copy(bytes, done, from, from + length - done);
  }
  return bytes;
}

/** Whether `bytes` are those of the object at `start`. */
export function isOfObject(bytes: Uint8Array, start: number): boolean {
  for (let done = 0; done < bytes.length; ) {
    const from = (start + done) % repeat;
    const part = bytes.subarray(done, done + repeat - from);
    if (!pattern.subarray(from, from + part.length).equals(part)) return false;
    done += part.length;
  }
  return true;
}

function makePattern(): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i * 32 < repeat; i++) parts.push(createHash('sha256').update(`${i}`).digest());
  return Buffer.concat(parts).subarray(0, repeat);
}
