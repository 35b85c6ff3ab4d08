import type { HotCounts } from './hot/hot-counts.ts';
import type { CacheStore } from './store/cache-store.ts';

/** Figures of a cache node since its start; those of bytes count bodies only. */
export interface CacheStats {
  /** Requests, refused ones too. */
  Requests: number;
  /** Bytes sent that were on disk when they were asked for. */
  HitBytes: number;
  /** Bytes sent that had to come from a source first. */
  MissBytes: number;
  /** All bytes sent: HitBytes + MissBytes. */
  EgressBytes: number;
  /** Bytes that came from sources. */
  SourceBytes: number;
  /** Requests to sources that brought bytes to keep. */
  FillRequests: number;
  /** Requests to sources about the state of an object: HEAD, or a conditional one that said "unchanged". */
  CheckRequests: number;
  /** Requests handed to the source as they are, because the answer cannot be kept. */
  PassedRequests: number;
  /** Answers that lived on a fill or a check that another request had begun. */
  Coalesced: number;
  /** Fills that failed. */
  FailedFills: number;
  /** Objects whose hash list was found, so that their pieces are verified. */
  HashLists: number;
  /** Pieces that were not what their hash list says; fetched again, and never kept. */
  BadPieces: number;
  /** Objects of which something is on disk. */
  Objects: number;
  /** Bytes of all pieces on disk. */
  CacheBytes: number;
  /** Bytes that went to make room. */
  EvictedBytes: number;
  /** Answers under way. */
  ActiveAnswers: number;
  /** Fills under way. */
  ActiveFills: number;
}

/** The part that is counted as it happens; the rest is asked of the store. */
export type Counters = Omit<CacheStats, 'EgressBytes' | 'Objects' | 'CacheBytes' | 'EvictedBytes'>;

export function newCounters(): Counters {
  return {
    Requests: 0,
    HitBytes: 0,
    MissBytes: 0,
    SourceBytes: 0,
    FillRequests: 0,
    CheckRequests: 0,
    PassedRequests: 0,
    Coalesced: 0,
    FailedFills: 0,
    HashLists: 0,
    BadPieces: 0,
    ActiveAnswers: 0,
    ActiveFills: 0,
  };
}

/** What was counted here and by the threads that serve what is hot, and what the store has. */
export function statsOf(
  counters: Counters,
  hot: HotCounts | undefined,
  store: Pick<CacheStore, 'objects' | 'bytes' | 'evicted'>,
): CacheStats {
  const all = (name: 'Requests' | 'HitBytes' | 'ActiveAnswers') =>
    counters[name] + (hot?.sum(name) ?? 0);
  const HitBytes = all('HitBytes');
  return {
    ...counters,
    Requests: all('Requests'),
    HitBytes,
    ActiveAnswers: all('ActiveAnswers'),
    EgressBytes: HitBytes + counters.MissBytes,
    Objects: store.objects,
    CacheBytes: store.bytes,
    EvictedBytes: store.evicted,
  };
}
