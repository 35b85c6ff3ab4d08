import type { StoredObject } from '../store/stored-object.ts';
import type { SourcePace } from '../upstream/source-pace.ts';
import type { Fill } from './fill.ts';
import type { SourceLink } from './source-link.ts';

/** Somebody who reads an object. */
export interface Reading {
  readonly link: SourceLink;
  /** Whether it still has to read one of these pieces. */
  wants(first: number, last: number): boolean;
  /** The pieces that it will need next, in rows, no further than should be fetched for it now. */
  soon(): Iterable<[first: number, last: number]>;
  /** This fill was begun for it. */
  began(fill: Fill): void;
  /** The bytes of a piece were wrong: whoever has had some of them must not go on. */
  spoiled(piece: number, error: unknown): void;
}

/** The piece that a reader will miss first, and the last one of the row that is to be fetched with it. */
interface Missing {
  reading: Reading;
  piece: number;
  last: number;
  /** It is what the reader needs next: it can do nothing before this comes. */
  isAwaited: boolean;
}

/** A request for less is not worth its round trip. */
const leastBytes = 1024 * 1024;

/** What of all that is missing and not asked for is needed soonest, counted in pieces of its reader. */
export function nextMissing(
  readings: Iterable<Reading>,
  object: StoredObject,
  claims: ReadonlyMap<number, Fill>,
): Missing | undefined {
  let found: Missing | undefined;
  let nearest = Number.POSITIVE_INFINITY;
  for (const reading of readings) {
    let before = 0;
    for (const [first, last] of reading.soon()) {
      const piece = firstMissing(object, claims, first, last);
      const distance = before + piece - first;
      before += last - first + 1;
      if (piece > last) continue;
      if (distance < nearest) found = { reading, piece, last, isAwaited: distance === 0 };
      nearest = Math.min(nearest, distance);
      break;
    }
  }
  return found;
}

/** @returns the piece after `last` when there is none */
function firstMissing(
  { pieces }: StoredObject,
  claims: ReadonlyMap<number, Fill>,
  first: number,
  last: number,
): number {
  let piece = pieces.nextClear(first);
  while (piece >= 0 && piece <= last && claims.has(piece)) piece = pieces.nextClear(piece + 1);
  return piece < 0 ? last + 1 : piece;
}

/**
 * How many pieces a request from `piece` on should bring: long ones cost few round trips, but towards the end
 * of what is wanted they are short, so that all connections end at about the same time.
 */
export function rowFrom(piece: number, last: number, pace: SourcePace, pieceSize: number): number {
  const wanted = last - piece + 1;
  const share = Math.ceil(wanted / (2 * pace.limit));
  const least = Math.ceil(leastBytes / pieceSize);
  const row = Math.max(least, Math.min(Math.floor(pace.runBytes / pieceSize), share));
  return wanted - row <= least ? wanted : row;
}
