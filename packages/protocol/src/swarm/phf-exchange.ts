import { maxPhfBytes } from '../phf/limits.ts';
import { dataView, fits, invalid } from './wire.ts';

/** Bytes of a PHF in one message at most. */
export const maxPhfChunk = 524_288;

const dataHeadLength = 8;

/** Asks for the PHF of the swarm from byte `offset` on; one phfData answers. */
export interface PhfRequest {
  offset: number;
}

/** Bytes of the PHF from `offset` on. */
export interface PhfData {
  /** Bytes of the whole PHF. */
  total: number;
  offset: number;
  /** Decoded: a view into the message's body. */
  bytes: Uint8Array;
}

/** @throws RangeError on values that do not fit. */
export function encodePhfRequest(request: PhfRequest): Uint8Array {
  const bytes = new Uint8Array(4);
  dataView(bytes).setUint32(0, fits(request.offset, 32, 'offset'));
  return bytes;
}

/** @throws InvalidMessage */
export function decodePhfRequest(body: Uint8Array): PhfRequest {
  if (body.length !== 4) throw invalid(`phfRequest of ${body.length} bytes`);
  const offset = dataView(body).getUint32(0);
  if (offset >= maxPhfBytes) throw invalid('phfRequest beyond any PHF');
  return { offset };
}

/** @throws InvalidMessage when `decodePhfData` would refuse the result, RangeError. */
export function encodePhfData(data: PhfData): Uint8Array {
  const bytes = new Uint8Array(dataHeadLength + data.bytes.length);
  const view = dataView(bytes);
  view.setUint32(0, fits(data.total, 32, 'total'));
  view.setUint32(4, fits(data.offset, 32, 'offset'));
  check(data);
  bytes.set(data.bytes, dataHeadLength);
  return bytes;
}

/** @throws InvalidMessage */
export function decodePhfData(body: Uint8Array): PhfData {
  if (body.length < dataHeadLength) throw invalid(`phfData of ${body.length} bytes`);
  const view = dataView(body);
  const data = {
    total: view.getUint32(0),
    offset: view.getUint32(4),
    bytes: body.subarray(dataHeadLength),
  };
  check(data);
  return data;
}

function check({ total, offset, bytes }: PhfData): void {
  if (total > maxPhfBytes) throw invalid(`PHF of ${total} bytes`);
  if (bytes.length === 0 || bytes.length > maxPhfChunk || offset + bytes.length > total) {
    throw invalid(`phfData of ${bytes.length} bytes at ${offset} of ${total}`);
  }
}
