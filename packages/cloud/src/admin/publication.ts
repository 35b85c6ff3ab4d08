import {
  contentIdOf,
  formatPiecesHashFile,
  type PublishRequest,
  parsePiecesHashFile,
  sluiceError,
  verifyPiecesHashFile,
} from '@sluice/protocol';
import type { Publication } from '../catalogue/catalogue.ts';
import { contentUrl } from '../catalogue/content-url.ts';
import type { NewStatement } from '../hash-log/hash-log.ts';

/**
 * A publish request, its schema checked, as an entry of the catalogue: the hash list read strictly and
 * its HashOfHashes recomputed, URLs in their one spelling, the id made from the hash when none is given.
 * @throws RequestInvalid, PhfInvalid, PhfVersion, PhfTooLarge, PhfMismatch
 */
export function publicationOf(request: PublishRequest): Publication {
  const phf = parsePiecesHashFile(Buffer.from(JSON.stringify(request.Phf)));
  verifyPiecesHashFile(phf, phf.hashOfHashes);
  return {
    contentId: checkedId(request.ContentId ?? contentIdOf(phf.hashOfHashes)),
    hashOfHashes: phf.hashOfHashes,
    contentLength: phf.contentLength,
    pieceSize: phf.pieceSize,
    urls: [...new Set(request.Urls.map(checkedUrl))],
    policies: request.Policies ?? {},
    ...(request.Signature && { signature: request.Signature }),
    phf: Buffer.from(formatPiecesHashFile(phf)),
  };
}

/** What a publication says of its URLs. @param etag which its servers send with these bytes */
export function statementsOf(publication: Publication, etag: string | undefined): NewStatement[] {
  return publication.urls.map((url) => ({
    ...{ Url: url, Validator: etag === undefined ? null : `etag:${etag}`, Origin: 'publish' },
    HashOfHashes: publication.hashOfHashes,
    ContentLength: publication.contentLength,
    PieceSize: publication.pieceSize,
  }));
}

function checkedId(id: string): string {
  // Half a surrogate pair cannot be percent-encoded; dots are eaten by every URL parser.
  if (id.isWellFormed() && id !== '.' && id !== '..') return id;
  throw sluiceError('RequestInvalid', { detail: 'this ContentId cannot stand in a URL' });
}

function checkedUrl(text: string): string {
  const url = contentUrl(text);
  if (url !== undefined) return url;
  throw sluiceError('RequestInvalid', { detail: 'Urls must be http(s), without user or password' });
}
