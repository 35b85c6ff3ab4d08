import type { CacheStats } from '../stats.ts';
import type { AnswerNote } from './answer-note.ts';
import { bucketsMs, type Histogram } from './histogram.ts';
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

type Sample = readonly [labels: string, value: number];

/** The metrics in Prometheus' text format 0.0.4. */
export function metricsText(facts: MetricsFacts): string {
  const { stats, traffic, maxBytes, disk, openIssues, startedAt } = facts;
  const parts: string[] = [];
  const family = (name: string, type: string, help: string, samples: readonly Sample[]) => {
    const lines = samples.map(([labels, value]) => `sluice_cache_${name}${labels} ${value}`);
    parts.push(
      `# HELP sluice_cache_${name} ${help}`,
      `# TYPE sluice_cache_${name} ${type}`,
      ...lines,
    );
  };
  const counter = (name: string, help: string, value: number) =>
    family(name, 'counter', help, [['', value]]);
  const gauge = (name: string, help: string, value: number) =>
    family(name, 'gauge', help, [['', value]]);

  const byLabel = (label: string, map: Map<string, number>): Sample[] =>
    [...map].map(([key, value]) => [labels({ [label]: key }), value]);
  counter('requests_total', 'Requests, refused ones too.', stats.Requests);
  family(
    'answers_total',
    'counter',
    'Answers by what the cache had.',
    byLabel('state', traffic.states),
  );
  family(
    'statuses_total',
    'counter',
    'Answers by class of status.',
    byLabel('status', traffic.statuses),
  );
  counter('hit_bytes_total', 'Body bytes sent that were held.', stats.HitBytes);
  counter('miss_bytes_total', 'Body bytes sent that had to come from a source.', stats.MissBytes);
  counter('source_bytes_total', 'Body bytes that came from sources.', stats.SourceBytes);
  counter('fills_total', 'Requests to sources that brought bytes to keep.', stats.FillRequests);
  counter('failed_fills_total', 'Fills that failed.', stats.FailedFills);
  counter('checks_total', 'Requests to sources about the state of an object.', stats.CheckRequests);
  counter('passed_total', 'Requests handed to the source as they are.', stats.PassedRequests);
  counter('coalesced_total', 'Answers that lived on a fill of another request.', stats.Coalesced);
  counter('evicted_bytes_total', 'Bytes that went to make room.', stats.EvictedBytes);
  gauge('active_answers', 'Answers under way.', stats.ActiveAnswers);
  gauge('active_fills', 'Fills under way.', stats.ActiveFills);
  gauge('objects', 'Objects of which something is on disk.', stats.Objects);
  gauge('stored_bytes', 'Bytes on disk.', stats.CacheBytes);
  gauge('stored_bytes_limit', 'The most bytes to keep.', maxBytes);
  if (disk) {
    gauge('disk_free_bytes', 'Bytes free on the disk of the cache.', disk.free);
    gauge('disk_size_bytes', 'Size of the disk of the cache.', disk.total);
  }
  gauge('open_issues', 'Issues that last.', openIssues);
  gauge('start_time_seconds', 'When the node started.', startedAt / 1000);
  family(
    'host_bytes_total',
    'counter',
    'Body bytes sent by source host.',
    byShare('host', traffic.hosts),
  );
  family(
    'content_bytes_total',
    'counter',
    'Body bytes sent by kind of content.',
    byShare('content', traffic.contents),
  );
  const first = [...traffic.firstByte].flatMap(([state, h]) =>
    timed('first_byte_seconds', h, { state }),
  );
  parts.push(...head('first_byte_seconds', 'Until the head of an answer was written.'), ...first);
  parts.push(
    ...head('answer_seconds', 'Until an answer had ended.'),
    ...timed('answer_seconds', traffic.whole, {}),
  );
  return `${parts.join('\n')}\n`;
}

function byShare(label: string, shares: Map<string, Share>): Sample[] {
  return [...shares].flatMap(([key, { hitBytes, missBytes }]) => [
    [labels({ [label]: key, cache: 'hit' }), hitBytes] as const,
    [labels({ [label]: key, cache: 'miss' }), missBytes] as const,
  ]);
}

function head(name: string, help: string): string[] {
  return [`# HELP sluice_cache_${name} ${help}`, `# TYPE sluice_cache_${name} histogram`];
}

function timed(
  name: string,
  histogram: Histogram,
  more: { state?: AnswerNote['state'] },
): string[] {
  let below = 0;
  const buckets = histogram.counts.map((n, i) => {
    below += n;
    const le = i < bucketsMs.length ? `${bucketsMs[i]! / 1000}` : '+Inf';
    return `sluice_cache_${name}_bucket${labels({ ...more, le })} ${below}`;
  });
  const own = labels(more);
  return [
    ...buckets,
    `sluice_cache_${name}_sum${own} ${histogram.sum / 1000}`,
    `sluice_cache_${name}_count${own} ${histogram.count}`,
  ];
}

function labels(pairs: Record<string, string>): string {
  const list = Object.entries(pairs).map(
    ([name, value]) => `${name}="${value.replaceAll(/["\\\n]/g, '\\$&')}"`,
  );
  return list.length > 0 ? `{${list.join(',')}}` : '';
}
