import { checkBlock } from './frame-head.ts';
import { MessageType, maxExtensionLength, maxMessageLength, type SwarmMessage } from './message.ts';
import { dataView, fits } from './wire.ts';

/**
 * The bytes of a message, length prefix included.
 * @throws RangeError, InvalidMessage when a FrameReader would refuse the result.
 */
export function encodeMessage(m: SwarmMessage): Uint8Array {
  switch (m.type) {
    case 'keepAlive':
      return new Uint8Array(4);
    case 'have':
      return frame(MessageType.have, [m.piece]);
    case 'request':
    case 'cancel': {
      const bytes = frame(MessageType[m.type], [m.piece, m.offset, m.length]);
      checkBlock(m.offset, m.length);
      return bytes;
    }
    case 'bitfield':
      return payloadFrame(Uint8Array.of(MessageType.bitfield), m.bits, 1, maxMessageLength - 1);
    case 'extension': {
      const head = Uint8Array.of(MessageType.extension, fits(m.id, 8, 'extension id'));
      return payloadFrame(head, m.body, 0, maxExtensionLength);
    }
    default:
      return frame(MessageType[m.type], []);
  }
}

/**
 * The 13 bytes before the content of a piece message.
 * @param offset where in the piece the content begins, bytes.
 * @param length bytes of content that the caller writes next, at most `maxBlockLength`.
 * @throws RangeError, InvalidMessage when a FrameReader would refuse the result.
 */
export function encodePieceHeader(piece: number, offset: number, length: number): Uint8Array {
  const bytes = frame(MessageType.piece, [piece, offset]);
  dataView(bytes).setUint32(0, fits(9 + length, 32, 'message length'));
  checkBlock(offset, length);
  return bytes;
}

function frame(type: number, numbers: number[]): Uint8Array {
  const bytes = new Uint8Array(5 + 4 * numbers.length);
  const view = dataView(bytes);
  view.setUint32(0, bytes.length - 4);
  view.setUint8(4, type);
  numbers.forEach((n, i) => {
    view.setUint32(5 + 4 * i, fits(n, 32, 'field'));
  });
  return bytes;
}

function payloadFrame(head: Uint8Array, payload: Uint8Array, min: number, max: number): Uint8Array {
  if (payload.length < min || payload.length > max) {
    throw new RangeError(`payload of ${payload.length} bytes, not ${min} to ${max}`);
  }
  const bytes = new Uint8Array(4 + head.length + payload.length);
  dataView(bytes).setUint32(0, bytes.length - 4);
  bytes.set(head, 4);
  bytes.set(payload, 4 + head.length);
  return bytes;
}
