import { isSluiceError } from '@sluice/protocol';
import type { Opened } from '../fill/opener.ts';
import type { ReuseWish } from '../request/reuse-wish.ts';
import type { StoredObject } from '../store/stored-object.ts';
import { mayServeOnError } from '../upstream/freshness.ts';
import type { LocatedObject } from './cache-handler.ts';

/** A kept object that answers without a word of the source. */
export function reused(object: StoredObject, known: 'HIT' | 'STALE'): LocatedObject {
  return { kind: 'object', object, fill: undefined, known, shared: false };
}

/** The answer to who wants no other than a kept one, when there is none (RFC 9111 §5.2.1.7). */
export const notHeld: Extract<Opened, { kind: 'answer' }> = {
  kind: 'answer',
  status: 504,
  headers: [['content-type', 'text/plain; charset=utf-8']],
  body: Buffer.from('nothing is kept that would do\n'),
};

/** Whether a stale object is to be given instead of the error that asking about it ended with. */
export function isBetterThanError(
  object: StoredObject,
  error: unknown,
  now: number,
  wish: ReuseWish,
): boolean {
  if (!object.current) return false;
  const unreachable =
    isSluiceError(error, 'CacheSourceFailed') || isSluiceError(error, 'CacheSourceStalled');
  if (!unreachable && !isSluiceError(error, 'CacheSourceRefused')) return false;
  return mayServeOnError(object.record.freshness, now, wish, !unreachable);
}
