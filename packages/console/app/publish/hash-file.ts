import type { PublishRequest } from '@sluice/protocol';

type Phf = PublishRequest['Phf'];

/** Bytes. */
const usualPiece = 1_048_576;
const maxPieces = 65_536;

/**
 * The hash list of a file (one SHA-256 for each piece), read piece by piece: the file stays on this machine.
 * @param onProgress hears the bytes that are read
 * @throws AbortError
 */
export async function hashFile(
  file: File,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Phf> {
  const pieceSize = pieceSizeFor(file.size);
  const count = Math.ceil(file.size / pieceSize);
  const digests = new Uint8Array(count * 32);
  for (let i = 0; i < count; i++) {
    signal.throwIfAborted();
    const piece = await file.slice(i * pieceSize, (i + 1) * pieceSize).arrayBuffer();
    digests.set(new Uint8Array(await crypto.subtle.digest('SHA-256', piece)), i * 32);
    onProgress(Math.min(file.size, (i + 1) * pieceSize));
  }
  return {
    MajorVersion: 1,
    MinorVersion: 0,
    HashOfHashes: await hashOfHashes(file.size, pieceSize, digests),
    ContentLength: file.size,
    PieceSize: pieceSize,
    Pieces: Array.from({ length: count }, (_, i) => base64(digests.subarray(i * 32, (i + 1) * 32))),
  };
}

/** Larger pieces for what would have too many: the list is sent in one request. */
function pieceSizeFor(size: number): number {
  let pieceSize = usualPiece;
  while (size / pieceSize > maxPieces) pieceSize *= 2;
  return pieceSize;
}

/** As `computeHashOfHashes` of the protocol, whose hashing is not there in browsers. */
async function hashOfHashes(
  length: number,
  pieceSize: number,
  digests: Uint8Array,
): Promise<string> {
  const all = new Uint8Array(16 + digests.length);
  const head = new DataView(all.buffer);
  head.setUint16(0, 1, true);
  head.setBigUint64(4, BigInt(length), true);
  head.setUint32(12, pieceSize, true);
  all.set(digests, 16);
  return base64(new Uint8Array(await crypto.subtle.digest('SHA-256', all)));
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
