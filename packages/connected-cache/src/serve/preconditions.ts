import type { IncomingHttpHeaders } from 'node:http';
import type { StoredObject } from '../store/stored-object.ts';
import { parseHttpDate } from '../upstream/http-date.ts';
import { isStrongEtag } from '../upstream/identity.ts';

/**
 * What a client's conditions make of its request (RFC 9110 §13.2.2).
 * @returns the status that answers it, or undefined when it is to be answered as usual
 */
export function checkConditions(
  headers: IncomingHttpHeaders,
  object: StoredObject,
): 304 | 412 | undefined {
  const etag = headerOf(object, 'etag');
  const modified = parseHttpDate(headerOf(object, 'last-modified'));
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined) {
    if (!names(ifMatch, etag, true)) return 412;
  } else if (isAfter(modified, headers['if-unmodified-since'])) {
    return 412;
  }
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) return names(ifNoneMatch, etag, false) ? 304 : undefined;
  const since = parseHttpDate(headers['if-modified-since']);
  return since !== undefined && modified !== undefined && modified <= since ? 304 : undefined;
}

/** Whether `If-Range` lets the range count: absent, or exactly the object's validator (§13.1.5). */
export function ifRangeHolds(headers: IncomingHttpHeaders, object: StoredObject): boolean {
  const condition = headers['if-range'];
  if (condition === undefined) return true;
  if (typeof condition !== 'string') return false;
  if (condition.startsWith('"')) {
    return isStrongEtag(condition) && condition === headerOf(object, 'etag');
  }
  const date = parseHttpDate(condition);
  return date !== undefined && date === parseHttpDate(headerOf(object, 'last-modified'));
}

export function headerOf(object: StoredObject, name: string): string | undefined {
  return object.record.headers.find(([header]) => header === name)?.[1];
}

/** Whether a list of entity tags has this one; a strong comparison takes no weak tags. */
function names(list: string, etag: string | undefined, strong: boolean): boolean {
  if (list.trim() === '*') return true;
  if (etag === undefined) return false;
  const opaque = (tag: string) => tag.replace(/^W\//, '');
  for (const [tag] of list.matchAll(/(?:W\/)?"[^"]*"/g)) {
    if (strong ? tag === etag && !tag.startsWith('W/') : opaque(tag) === opaque(etag)) return true;
  }
  return false;
}

function isAfter(modified: number | undefined, header: string | undefined): boolean {
  const date = parseHttpDate(header);
  return date !== undefined && modified !== undefined && modified > date;
}
