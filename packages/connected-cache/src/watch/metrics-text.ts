import { type Labelled, MetricsText } from '@sluice/protocol';
import type { CacheStats } from '../stats.ts';
import type { Share, Traffic } from './traffic.ts';

/** What metrics are made of. */
export interface MetricsFacts {
  stats: CacheStats;
  traffic: Traffic;
  maxBytes: number;
  /** Bytes free and in all on the disk of the cache; undefined when it cannot be asked. */
  disk: { free: number; total: number } | undefined;
  openIssues: number;
  startedAt: number;
}

/** The metrics in Prometheus' text format 0.0.4. */
export function metricsText(facts: MetricsFacts): string {
  const { stats, traffic, maxBytes, disk, openIssues, startedAt } = facts;
  const text = new MetricsText('sluice_cache_');
  text.counter('requests_total', 'Requests, refused ones too.', stats.Requests);
  text.counter('answers_total', 'Answers by what the cache had.', byLabel('state', traffic.states));
  text.counter(
    'statuses_total',
    'Answers by class of status.',
    byLabel('status', traffic.statuses),
  );
  text.counter('hit_bytes_total', 'Body bytes sent that were held.', stats.HitBytes);
  text.counter(
    'miss_bytes_total',
    'Body bytes sent that had to come from a source.',
    stats.MissBytes,
  );
  text.counter('source_bytes_total', 'Body bytes that came from sources.', stats.SourceBytes);
  text.counter(
    'fills_total',
    'Requests to sources that brought bytes to keep.',
    stats.FillRequests,
  );
  text.counter('failed_fills_total', 'Fills that failed.', stats.FailedFills);
  text.counter(
    'checks_total',
    'Requests to sources about the state of an object.',
    stats.CheckRequests,
  );
  text.counter('passed_total', 'Requests handed to the source as they are.', stats.PassedRequests);
  text.counter(
    'coalesced_total',
    'Answers that lived on a fill of another request.',
    stats.Coalesced,
  );
  text.counter('evicted_bytes_total', 'Bytes that went to make room.', stats.EvictedBytes);
  text.gauge('active_answers', 'Answers under way.', stats.ActiveAnswers);
  text.gauge('active_fills', 'Fills under way.', stats.ActiveFills);
  text.gauge('objects', 'Objects of which something is on disk.', stats.Objects);
  text.gauge('stored_bytes', 'Bytes on disk.', stats.CacheBytes);
  text.gauge('stored_bytes_limit', 'The most bytes to keep.', maxBytes);
  if (disk) {
    text.gauge('disk_free_bytes', 'Bytes free on the disk of the cache.', disk.free);
    text.gauge('disk_size_bytes', 'Size of the disk of the cache.', disk.total);
  }
  text.gauge('open_issues', 'Issues that last.', openIssues);
  text.gauge('start_time_seconds', 'When the node started.', startedAt / 1000);
  text.counter(
    'host_bytes_total',
    'Body bytes sent by source host.',
    byShare('host', traffic.hosts),
  );
  text.counter(
    'content_bytes_total',
    'Body bytes sent by kind of content.',
    byShare('content', traffic.contents),
  );
  text.histogram(
    'first_byte_seconds',
    'Until the head of an answer was written.',
    [...traffic.firstByte].map(([state, h]) => [{ state }, h]),
  );
  text.histogram('answer_seconds', 'Until an answer had ended.', [[{}, traffic.whole]]);
  return text.toString();
}

function byLabel(label: string, map: Map<string, number>): Labelled<number>[] {
  return [...map].map(([key, value]) => [{ [label]: key }, value]);
}

function byShare(label: string, shares: Map<string, Share>): Labelled<number>[] {
  return [...shares].flatMap(([key, { hitBytes, missBytes }]) => [
    [{ [label]: key, cache: 'hit' }, hitBytes] as const,
    [{ [label]: key, cache: 'miss' }, missBytes] as const,
  ]);
}
