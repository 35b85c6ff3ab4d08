import { sluiceError } from '../errors/index.ts';
import { maxPieceSize } from '../phf/limits.ts';
import {
  MessageType,
  maxBlockLength,
  maxExtensionLength,
  maxMessageLength,
  type SwarmMessage,
} from './message.ts';
import { invalid } from './wire.ts';

/** Bytes of the longest head: length prefix, type, and the three numbers of a request. */
export const maxHeadLength = 17;

/** @throws MessageTooLong */
export function checkMessageLength(length: number): void {
  if (length > maxMessageLength) throw tooLong(length, maxMessageLength);
}

/**
 * How many bytes, length prefix and type included, of a message must be there before it can be acted
 * on: all of it when it has a fixed size, else up to where its payload starts.
 * @param length the message's length as its prefix states it.
 * @throws InvalidMessage for an unknown type or a length that this type cannot have; MessageTooLong.
 */
export function headLengthOf(type: number, length: number): number {
  switch (type) {
    case MessageType.choke:
    case MessageType.unchoke:
    case MessageType.interested:
    case MessageType.notInterested:
      return exactly(1, length, type);
    case MessageType.have:
      return exactly(5, length, type);
    case MessageType.request:
    case MessageType.cancel:
      return exactly(13, length, type);
    case MessageType.bitfield:
      return 4 + atLeast(1, 1, length, type);
    case MessageType.piece:
      return 4 + atLeast(9, 1, length, type);
    case MessageType.extension:
      if (length - 2 > maxExtensionLength) throw tooLong(length, maxExtensionLength + 2);
      return 4 + atLeast(2, 0, length, type);
    default:
      throw invalid(`unknown type ${type}`);
  }
}

/** The message without payload that `head` holds; undefined if its type has a payload. */
export function bareMessage(head: DataView): SwarmMessage | undefined {
  switch (head.getUint8(4)) {
    case MessageType.choke:
      return { type: 'choke' };
    case MessageType.unchoke:
      return { type: 'unchoke' };
    case MessageType.interested:
      return { type: 'interested' };
    case MessageType.notInterested:
      return { type: 'notInterested' };
    case MessageType.have:
      return { type: 'have', piece: head.getUint32(5) };
    case MessageType.request:
      return block('request', head);
    case MessageType.cancel:
      return block('cancel', head);
    default:
      return undefined;
  }
}

/** @throws InvalidMessage when these bytes cannot lie in any piece. */
export function checkBlock(offset: number, length: number): void {
  if (!(length > 0 && length <= maxBlockLength && offset + length <= maxPieceSize)) {
    throw invalid(`block of ${length} bytes at ${offset}`);
  }
}

function block(type: 'request' | 'cancel', head: DataView): SwarmMessage {
  const piece = head.getUint32(5);
  const offset = head.getUint32(9);
  const length = head.getUint32(13);
  checkBlock(offset, length);
  return { type, piece, offset, length };
}

function exactly(expected: number, length: number, type: number): number {
  if (length !== expected) throw invalid(`type ${type} with length ${length}`);
  return 4 + expected;
}

function atLeast(head: number, payload: number, length: number, type: number): number {
  if (length < head + payload) throw invalid(`type ${type} with length ${length}`);
  return head;
}

function tooLong(length: number, limit: number) {
  return sluiceError('MessageTooLong', { length, limit });
}
