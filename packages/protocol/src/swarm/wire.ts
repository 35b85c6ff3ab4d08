import { type SluiceError, sluiceError } from '../errors/index.ts';

/** The error of every malformed message; `detail` never quotes what the peer sent. */
export function invalid(detail: string, cause?: unknown): SluiceError {
  return sluiceError('InvalidMessage', { detail }, cause === undefined ? undefined : { cause });
}

/** @throws RangeError unless `value` fits an unsigned field of that many bits: our own fault, not a peer's. */
export function fits(value: number, bits: 8 | 16 | 32, what: string): number {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) {
    throw new RangeError(`${what} ${value} is no u${bits}`);
  }
  return value;
}

/** A view for reading and writing numbers, big-endian like the whole protocol. */
export function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
