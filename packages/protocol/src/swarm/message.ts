/** Type numbers of the swarm protocol (wire.md §2). */
export const MessageType = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  extension: 20,
} as const;

/** Bytes of a message after its length prefix, at most (0x1F4000). */
export const maxMessageLength = 2_048_000;

/** Bytes of content in one piece message at most: the longest message less type, piece and offset. */
export const maxBlockLength = maxMessageLength - 9;

/** Bytes of an extension's body at most (ours; phfData, the largest, stays under it). */
export const maxExtensionLength = 1_048_576;

/**
 * A message, piece messages excepted: their payload is never one object, see FrameReader.
 * `piece` counts pieces, `offset` and `length` bytes within the piece.
 */
export type SwarmMessage =
  | { type: 'keepAlive' }
  | { type: 'choke' | 'unchoke' | 'interested' | 'notInterested' }
  | { type: 'have'; piece: number }
  | { type: 'bitfield'; bits: Uint8Array }
  | { type: 'request' | 'cancel'; piece: number; offset: number; length: number }
  | { type: 'extension'; id: number; body: Uint8Array };
