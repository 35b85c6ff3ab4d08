/**
 * What a pieces hash file may hold. Bounds, so that a hostile file costs no more than its own size;
 * all far above what real content needs.
 */

/** Bytes per piece when nobody says otherwise, and in every PHF Delivery Optimization makes. */
export const defaultPieceSize = 1_048_576;

/** Bytes. Smaller pieces make hash lists and piece maps larger than they are worth. */
export const minPieceSize = 16_384;

/** Bytes. Larger pieces cost too much memory in flight, and too much when one is bad. */
export const maxPieceSize = 67_108_864;

/** Pieces of one content: 1 TiB in pieces of the default size, 64 TiB in the largest ones. */
export const maxPieces = 1_048_576;

/** Bytes of a PHF: `maxPieces` digests at 47 characters each, and room to spare. */
export const maxPhfBytes = 67_108_864;

/** Bytes of a SHA-256 digest. */
export const digestLength = 32;
