import { type AnswerHeaders, single } from './headers.ts';
import { parseHttpDate } from './http-date.ts';

/**
 * What tells one state of an object from the next: the strong ETag, else Last-Modified and length.
 * The length is part of it in any case.
 */
export interface Identity {
  /** Strong, with its quotes. */
  etag: string | undefined;
  /** As the source wrote it; counts only without an ETag. */
  lastModified: string | undefined;
  /** Bytes of the whole object. */
  length: number;
}

/** The identity that an answer states; undefined when it has no validator to hold on to. */
export function identityOf(headers: AnswerHeaders, length: number): Identity | undefined {
  const etag = single(headers, 'etag');
  const strong = etag !== undefined && isStrongEtag(etag) ? etag : undefined;
  const modified = single(headers, 'last-modified');
  const lastModified = parseHttpDate(modified) === undefined ? undefined : modified;
  if (strong === undefined && lastModified === undefined) return undefined;
  return { etag: strong, lastModified, length };
}

export function sameIdentity(a: Identity, b: Identity | undefined): boolean {
  if (!b || a.length !== b.length) return false;
  if (a.etag !== undefined || b.etag !== undefined) return a.etag === b.etag;
  return parseHttpDate(a.lastModified) === parseHttpDate(b.lastModified);
}

/** Makes the source answer only from this very state: 412 otherwise (RFC 9110 §13.1.1, §13.1.4). */
export function onlyIfSame(identity: Identity): Record<string, string> {
  if (identity.etag !== undefined) return { 'if-match': identity.etag };
  return { 'if-unmodified-since': identity.lastModified! };
}

/** Makes the source answer 304 when this state is still the current one. */
export function onlyIfChanged(identity: Identity): Record<string, string> {
  if (identity.etag !== undefined) return { 'if-none-match': identity.etag };
  return { 'if-modified-since': identity.lastModified! };
}

export function isStrongEtag(text: string): boolean {
  return text.length <= 512 && /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(text);
}
