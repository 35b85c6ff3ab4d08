import { pieceCount, sluiceError, verifyPiecesHashFile } from '@sluice/protocol';
import { isStorable, isText, type JsonValue } from './entry-record.ts';
import { asPhf } from './stored-digests.ts';

/** What a caller wants to store. */
export interface ContentDescription {
  /** Names the content in the store, such as its URL or content id. */
  key: string;
  /** Bytes. */
  contentLength: number;
  /** Bytes per piece. */
  pieceSize: number;
  /** Base64; the identity of the content when the digests are known. */
  hashOfHashes?: string | undefined;
  /** SHA-256 of every piece, 32 bytes each; need `hashOfHashes`. Once given, the store keeps them. */
  digests?: Uint8Array | undefined;
  /** Strong ETag or Last-Modified; the identity of the content without digests. */
  validator?: string | undefined;
  /** What the download was asked, for a start after a crash. */
  job?: JsonValue | undefined;
}

/** @throws InvalidArgument for what cannot be stored, PhfMismatch when the digests are of another HashOfHashes. */
export function checkDescription(d: ContentDescription): void {
  const { key, digests, hashOfHashes } = d;
  if (!isText(key)) throw invalid('key', 'empty or too long');
  if (!isStorable(d)) {
    throw invalid('content', `${d.contentLength} bytes in pieces of ${d.pieceSize} bytes`);
  }
  for (const text of [hashOfHashes, d.validator]) {
    if (text !== undefined && !isText(text)) throw invalid('identity', 'empty or too long');
  }
  if (digests === undefined) return;
  if (hashOfHashes === undefined) throw invalid('digests', 'without their HashOfHashes');
  if (digests.length !== pieceCount(d) * 32) throw invalid('digests', 'not one per piece');
  verifyPiecesHashFile(asPhf(d, hashOfHashes, digests), hashOfHashes);
}

function invalid(name: string, detail: string): Error {
  return sluiceError('InvalidArgument', { name, detail });
}
