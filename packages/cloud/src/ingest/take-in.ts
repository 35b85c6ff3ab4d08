import { createHash } from 'node:crypto';
import {
  contentIdOf,
  formatPiecesHashFile,
  PiecesHasher,
  type PiecesHashFile,
  sluiceError,
} from '@sluice/protocol';
import type { Alarms } from '../alarms/alarms.ts';
import type { Catalogue, ContentRecord } from '../catalogue/catalogue.ts';
import type { HashLog } from '../hash-log/hash-log.ts';
import type { ContentSigner } from './content-signer.ts';
import type { IngestFindings, IngestRow } from './ingest-jobs.ts';
import { differing, digestsInUrl } from './known-digests.ts';
import type { Pace } from './pace.ts';
import { askState, type SourceState, type StreamOptions, streamSource } from './stream-source.ts';

export interface TakeInParts {
  catalogue: Catalogue;
  hashLog: HashLog;
  alarms: Alarms;
  pace: Pace;
  /** Undefined: the cloud has no key. */
  signer: ContentSigner | undefined;
}

/**
 * Runs a job: reads the object, holds it against what is known of it, enters it in the log and publishes it. One that
 * was taken in before and is the same at its source is left alone.
 * @param isOurs whether the job still is, asked before anything is published
 * @throws IngestUnsuitable, HashConflict; others of the source, which may pass
 */
export async function takeIn(
  row: IngestRow,
  parts: TakeInParts,
  options: StreamOptions,
  isOurs: () => Promise<boolean>,
): Promise<IngestFindings> {
  const { url } = row;
  if (row.content_id !== null && row.validator !== null) {
    const state = await askState(url, options);
    if (validatorOf(url, state, state.length ?? row.content_length) === row.validator) {
      if (parts.signer) await signAnew(row.content_id, url, parts.signer, parts.catalogue);
      return row;
    }
  }
  const { state, phf, sha256, sha512 } = await hashed(url, parts.pace, options);
  await checkDigests(url, state, { sha256, sha512 }, parts.alarms);
  const validator = validatorOf(url, state, phf.contentLength);
  if (validator === null) {
    const detail =
      'its source names neither an ETag nor a time of change: nobody could tell the next state from this one';
    throw sluiceError('IngestUnsuitable', { url, detail });
  }
  await parts.hashLog.append([
    {
      ...{ Url: url, Validator: validator, Origin: 'ingest' },
      HashOfHashes: phf.hashOfHashes,
      ContentLength: phf.contentLength,
      PieceSize: phf.pieceSize,
    },
  ]);
  if (!(await isOurs())) throw sluiceError('Cancelled');
  const contentId = await publish(row, phf, parts);
  return {
    ...{ content_id: contentId, validator, sha256, sha512 },
    content_length: phf.contentLength,
  };
}

async function hashed(url: string, pace: Pace, options: StreamOptions) {
  const pieces = new PiecesHasher();
  const sha256 = createHash('sha256');
  const sha512 = createHash('sha512');
  const state = await streamSource(url, options, (part) => {
    pieces.update(part);
    sha256.update(part);
    sha512.update(part);
    return pace.take(part.length, options.signal);
  });
  return {
    ...{ state, phf: pieces.finish() },
    ...{ sha256: sha256.digest('hex'), sha512: sha512.digest('hex') },
  };
}

/** What is served under a URL by its digest, or beside it in a header, must be that. */
async function checkDigests(
  url: string,
  state: SourceState,
  actual: { sha256: string; sha512: string },
  alarms: Alarms,
): Promise<void> {
  for (const [known, who] of [
    [digestsInUrl(url), 'its URL'],
    [state.digests, 'its source'],
  ] as const) {
    const name = differing(known, actual);
    if (name === undefined) continue;
    const detail = `it has ${name} ${actual[name]}, ${who} says ${known[name]}`;
    await alarms.raise('DigestMismatch', url, detail);
    throw sluiceError('IngestUnsuitable', { url, detail });
  }
}

/** @returns the content id */
async function publish(
  row: IngestRow,
  phf: PiecesHashFile,
  { catalogue, signer }: TakeInParts,
): Promise<string> {
  const there = await catalogue.byUrl(row.url);
  // Somebody published it meanwhile: their word counts.
  if (there && there.contentId !== row.content_id) return there.contentId;
  const contentId = contentIdOf(phf.hashOfHashes);
  const { hashOfHashes, contentLength, pieceSize } = phf;
  const text = Buffer.from(formatPiecesHashFile(phf));
  const facts = { contentId, hashOfHashes, contentLength, pieceSize, phf: text };
  const known = await catalogue.byId(contentId);
  // What its publisher said of the same bytes elsewhere stays.
  const { policies = {} } = known ?? {};
  // That of another list under this id says nothing of this one.
  const before = known?.hashOfHashes === hashOfHashes ? known.signature : undefined;
  const signature = signer ? signer.sign(signedFacts(facts), before) : before;
  await catalogue.publish({
    ...{ ...facts, urls: [row.url], policies },
    ...(signature && { signature }),
  });
  return contentId;
}

/** Signatures end: that of a content which is the same as ever is renewed in time. */
async function signAnew(
  contentId: string,
  url: string,
  signer: ContentSigner,
  catalogue: Catalogue,
): Promise<void> {
  const known = await catalogue.byUrl(url);
  if (known?.contentId !== contentId) return;
  // Somebody else has put another list there: it is not the one that was hashed here.
  if (contentIdOf(known.hashOfHashes) !== contentId) return;
  const signature = signer.sign(signedFacts(known), known.signature);
  if (signature !== known.signature) await catalogue.signAgain(known, signature);
}

function signedFacts(of: Omit<ContentRecord, 'urls' | 'policies'>) {
  const { contentId, hashOfHashes, contentLength, pieceSize } = of;
  return {
    ...{ ContentId: contentId, HashOfHashes: hashOfHashes },
    ...{ ContentLength: contentLength, PieceSize: pieceSize },
  };
}

function validatorOf(url: string, state: SourceState, length: number | null): string | null {
  if (state.etag !== undefined) return `etag:${state.etag}`;
  if (state.lastModified !== undefined) return `modified:${state.lastModified};${length}`;
  const { sha256 = state.digests.sha256 } = digestsInUrl(url);
  return sha256 === undefined ? null : `sha256:${sha256}`;
}
