import { type PiecesHashFile, type PublishRequest, signHashList } from '@sluice/protocol';
import type { SignKey } from './key-files.ts';

/** A signature is valid a little before it was made: clocks differ. Seconds. */
const slackSeconds = 3_600;
const daySeconds = 86_400;

/** The publisher's signature over a hash list, valid from now on for so many days. */
export function signPublication(
  contentId: string,
  phf: PiecesHashFile,
  { privateKey, publicKey }: SignKey,
  days: number,
): NonNullable<PublishRequest['Signature']> {
  const now = Math.floor(Date.now() / 1000);
  const content = {
    ContentId: contentId,
    HashOfHashes: phf.hashOfHashes,
    ContentLength: phf.contentLength,
    PieceSize: phf.pieceSize,
    NotBefore: now - slackSeconds,
    NotAfter: now + days * daySeconds,
  };
  return signHashList(content, privateKey, publicKey);
}
