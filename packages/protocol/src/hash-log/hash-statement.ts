import { createHash } from 'node:crypto';

/** What the cloud said of a URL once: an entry of the append-only log of hash lists (ours). */
export interface HashStatement {
  /** From 1, without gaps. */
  Seq: number;
  /** ms since 1970 */
  At: number;
  Url: string;
  /** The state of the object at its source: `etag:…`, `modified:…;length` or `sha256:…`; null when nobody told it. */
  Validator: string | null;
  HashOfHashes: string;
  /** Bytes. */
  ContentLength: number;
  /** Bytes. */
  PieceSize: number;
  /** Who said it: a publisher, or the cloud that hashed it itself. */
  Origin: 'publish' | 'ingest';
}

/** An entry with the digest that chains it to the one before. */
export type LoggedStatement = HashStatement & { Digest: string };

/** What the first entry is chained to. */
export const hashLogStart = '0'.repeat(64);

/**
 * The digest of an entry, hex: SHA-256 over the digest of the entry before and all that it says. Whoever
 * keeps the last digest can tell when anything before it was changed, left out or put in.
 */
export function hashStatementDigest(previous: string, s: HashStatement): string {
  const said = [s.Seq, s.At, s.Url, s.Validator, s.HashOfHashes, s.ContentLength, s.PieceSize];
  const text = JSON.stringify([previous, ...said, s.Origin]);
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Checks entries that follow each other.
 * @param before the last entry that was checked; undefined at the start of the log
 * @returns the first entry that does not follow; undefined when all do
 */
export function firstBrokenStatement(
  before: Pick<LoggedStatement, 'Seq' | 'Digest'> | undefined,
  entries: readonly LoggedStatement[],
): LoggedStatement | undefined {
  let { Seq, Digest } = before ?? { Seq: 0, Digest: hashLogStart };
  return entries.find((entry) => {
    const follows = entry.Seq === Seq + 1 && entry.Digest === hashStatementDigest(Digest, entry);
    ({ Seq, Digest } = entry);
    return !follows;
  });
}
