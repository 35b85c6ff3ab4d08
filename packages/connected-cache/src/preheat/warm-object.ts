import { isSluiceError, PieceMap, sluiceError } from '@sluice/protocol';
import type { WallTime } from '../clock.ts';
import type { ObjectFills } from '../fill/object-fills.ts';
import { ObjectReading, type ReadingDeps } from '../fill/object-reading.ts';
import type { Opener } from '../fill/opener.ts';
import { linkTo, type SourceLink } from '../fill/source-link.ts';
import type { Aliases } from '../request/aliases.ts';
import { noWish } from '../request/reuse-wish.ts';
import { parseTarget } from '../request/target.ts';
import type { AllowList } from '../sources/allow-list.ts';
import { bracketed } from '../sources/source-name.ts';
import type { CacheStore } from '../store/cache-store.ts';
import type { StoredObject } from '../store/stored-object.ts';
import { judgeReuse } from '../upstream/freshness.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { Pace } from './pace.ts';

export interface WarmDeps {
  allow: AllowList;
  aliases: Aliases;
  upstream: Upstream;
  store: CacheStore;
  opener: Opener;
  fillsOf(object: StoredObject): ObjectFills;
  reading: ReadingDeps;
  wallTime: WallTime;
  /** The node's name in Via. */
  self: string;
}

/** What became of a URL: fetched, held already, or of a kind that the node cannot keep. */
export type Warmth = 'Fetched' | 'Held' | 'NotKept';

/** How far it is. `length` is that of the object, undefined until it is known. */
export interface WarmProgress {
  fetched: number;
  length: number | undefined;
}

const portion = 1024 * 1024;
const maxStarts = 3;

/**
 * Has the node fetch an object as if a client had asked for all of it, and keeps what comes.
 * @param url as clients name it, its host on the list
 * @param pace is asked before each stretch of bytes, and says how long a stretch is
 * @throws CacheRequestInvalid, CacheHostNotAllowed, CacheSourceRefused, the errors of fills, Cancelled
 */
export async function warmObject(
  deps: WarmDeps,
  url: string,
  pace: Pace,
  progress: WarmProgress,
  signal: AbortSignal,
): Promise<Warmth> {
  const { key, link } = targetOf(deps, url);
  for (let start = 1; ; start++) {
    const found = await locate(deps, key, link, pace, signal);
    if (!found) return 'NotKept';
    progress.length = found.object.length;
    progress.fetched = 0;
    try {
      await fetchMissing(deps, found, link, pace, progress, signal);
      return progress.fetched > 0 ? 'Fetched' : 'Held';
    } catch (error) {
      if (start === maxStarts || !isSluiceError(error, 'CacheObjectChanged')) throw error;
    }
  }
}

function targetOf({ allow, aliases, upstream, self }: WarmDeps, url: string) {
  // The list says which sources speak TLS, as for clients, who ask with http.
  const { source: name, path } = parseTarget(url.replace(/^https:/i, 'http:'), undefined);
  const resolved = aliases.resolve(name, allow);
  if (!resolved) throw sluiceError('CacheHostNotAllowed', { host: bracketed(name.host) });
  const { source, origin } = resolved;
  return { key: origin + path, link: linkTo(upstream, source, path, { via: `1.1 ${self}` }) };
}

/** An object, and the pieces of it that were held before. */
interface Found {
  object: StoredObject;
  held: PieceMap;
}

/** The object, asked for anew when what is held is not fresh; undefined when it cannot be kept. */
async function locate(
  { store, opener, wallTime }: WarmDeps,
  key: string,
  link: SourceLink,
  pace: Pace,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const kept = store.find(key);
  const held = kept?.pieces.clone();
  if (kept && held && judgeReuse(kept.record.freshness, wallTime(), noWish) === 'fresh') {
    return { object: kept, held };
  }
  if (opener.passes(key)) return undefined;
  await pace.next(signal);
  const bytes = { start: 0, end: pace.stretch };
  const opened = await opener.open({ url: key, bytes, link }).opened;
  if (opened.kind === 'answer') {
    const params = { host: link.source.label, status: opened.status };
    throw sluiceError('CacheSourceRefused', params);
  }
  if (opened.kind === 'pass') return undefined;
  const { object } = opened;
  return { object, held: object === kept && held ? held : new PieceMap(object.pieces.length) };
}

async function fetchMissing(
  deps: WarmDeps,
  { object, held }: Found,
  link: SourceLink,
  pace: Pace,
  progress: WarmProgress,
  signal: AbortSignal,
): Promise<void> {
  const { pieceSize } = object.geometry;
  for (let piece = held.nextClear(0); piece >= 0; piece = held.nextClear(piece)) {
    await pace.next(signal);
    const next = held.nextSet(piece);
    const most = Math.min(object.length, piece * pieceSize + Math.max(pieceSize, pace.stretch));
    const end = next < 0 ? most : Math.min(most, next * pieceSize);
    const bytes = await read(deps, object, link, { start: piece * pieceSize, end }, signal);
    pace.spent(bytes);
    progress.fetched += bytes;
    piece = Math.ceil(end / pieceSize);
  }
}

/** Reads and drops a range. @returns its bytes */
async function read(
  { fillsOf, reading: readingDeps }: WarmDeps,
  object: StoredObject,
  link: SourceLink,
  range: { start: number; end: number },
  signal: AbortSignal,
): Promise<number> {
  const fills = fillsOf(object);
  const begun = { held: fills.held(), fill: undefined, shared: true };
  const reading = new ObjectReading(fills, [range], link, readingDeps, begun);
  const close = () => reading.close();
  signal.addEventListener('abort', close);
  let length = 0;
  try {
    for (let got = await reading.next(portion); got; got = await reading.next(portion)) {
      length += got.bytes.length;
      got.release();
    }
    if (signal.aborted) throw sluiceError('Cancelled');
    return length;
  } finally {
    reading.close();
    signal.removeEventListener('abort', close);
  }
}
