import { MetricsText, metricsType } from '@sluice/protocol';
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import type { Alarms } from '../alarms/alarms.ts';
import type { StoreProbe, StoreState } from '../health/store-probe.ts';
import type { IngestJobs } from '../ingest/ingest-jobs.ts';
import type { RequestCounts } from './request-counts.ts';

interface MetricsParts {
  alarms: Alarms;
  ingestJobs: IngestJobs;
  probe: StoreProbe;
  counts: RequestCounts;
  /** ms since the start */
  upMs: () => number;
  mayReadMetrics: onRequestAsyncHookHandler;
  version: string | undefined;
}

/** `GET /metrics` (ours): figures for Prometheus. Counters are of this process, gauges of all clouds on the stores. */
export function metricsRoutes(app: FastifyInstance, parts: MetricsParts): void {
  app.get('/metrics', { onRequest: parts.mayReadMetrics }, async (_request, reply) => {
    const text = new MetricsText('sluice_cloud_');
    ofProcess(text, parts);
    const stores = await parts.probe.look();
    ofStores(text, stores);
    text.counter(
      'alarms_raised_total',
      'Alarms for an admin.',
      (['HashConflict', 'DigestMismatch'] as const).map((kind) => [
        { kind },
        parts.alarms.raised.get(kind) ?? 0,
      ]),
    );
    // A database that is away must not take away the figures that tell of it.
    if (!stores.away.includes('database')) await ofIngestion(text, parts.ingestJobs);
    return reply.type(metricsType).send(text.toString());
  });
}

function ofProcess(text: MetricsText, { counts, upMs, version }: MetricsParts): void {
  if (version !== undefined) text.gauge('info', 'The version that runs.', [[{ version }, 1]]);
  text.gauge('uptime_seconds', 'Since the start.', upMs() / 1000);
  text.gauge('resident_memory_bytes', 'Memory of the process.', process.memoryUsage.rss());
  text.counter(
    'requests_total',
    'Requests by pattern of route, method and class of status.',
    counts.requests,
  );
  text.histogram('request_seconds', 'Until an answer had ended.', counts.times);
  text.counter('rate_limited_total', 'Requests that were told to come later.', counts.limited);
  text.counter('events_accepted_total', 'Events taken from devices.', counts.acceptedEvents);
  text.counter('joins_total', 'Joins of swarms.', counts.done('POST', '/array/join/'));
}

function ofStores(text: MetricsText, { away, swarms, peers, alarms }: StoreState): void {
  text.gauge(
    'store_up',
    'Whether a store answers.',
    (['database', 'swarm store'] as const).map((store) => [
      { store },
      away.includes(store) ? 0 : 1,
    ]),
  );
  if (swarms !== undefined) text.gauge('swarms', 'Contents that devices have or want.', swarms);
  if (peers !== undefined) text.gauge('peers', 'Devices in swarms.', peers);
  if (alarms !== undefined) text.gauge('alarms_open', 'Alarms nobody has looked at.', alarms);
}

async function ofIngestion(text: MetricsText, jobs: IngestJobs): Promise<void> {
  const states = ['Waiting', 'Running', 'Done', 'Failed'] as const;
  const counted = await Promise.all(states.map((state) => jobs.count(state)));
  text.gauge(
    'ingest_jobs',
    'Contents that the cloud hashes by itself.',
    states.map((state, i) => [{ state }, counted[i]!]),
  );
}
