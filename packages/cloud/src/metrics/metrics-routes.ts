import type { FastifyInstance } from 'fastify';
import type { Alarms } from '../alarms/alarms.ts';
import type { IngestJobs } from '../ingest/ingest-jobs.ts';

/** `GET /metrics` (ours): figures for Prometheus. Counters are of this process, gauges of all clouds on the database. */
export function metricsRoutes(
  app: FastifyInstance,
  { alarms, ingestJobs }: { alarms: Alarms; ingestJobs: IngestJobs },
): void {
  app.get('/metrics', async (_request, reply) => {
    const lines = [
      '# TYPE sluice_cloud_alarms_open gauge',
      `sluice_cloud_alarms_open ${await alarms.open()}`,
      '# TYPE sluice_cloud_alarms_raised_total counter',
    ];
    for (const kind of ['HashConflict', 'DigestMismatch'] as const) {
      lines.push(
        `sluice_cloud_alarms_raised_total{kind="${kind}"} ${alarms.raised.get(kind) ?? 0}`,
      );
    }
    lines.push('# TYPE sluice_cloud_ingest_jobs gauge');
    for (const state of ['Waiting', 'Running', 'Done', 'Failed'] as const) {
      lines.push(`sluice_cloud_ingest_jobs{state="${state}"} ${await ingestJobs.count(state)}`);
    }
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(`${lines.join('\n')}\n`);
  });
}
