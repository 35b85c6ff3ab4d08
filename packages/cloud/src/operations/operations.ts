import type { Clock } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import type { AdminStores } from '../admin/users/open-admin.ts';
import type { Alarms } from '../alarms/alarms.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { closeWhenDraining, Drain } from '../health/drain.ts';
import { StoreProbe } from '../health/store-probe.ts';
import { type MetricsAccess, metricsGate } from '../metrics/metrics-gate.ts';
import { RequestCounts, watchRequests } from '../metrics/request-counts.ts';
import type { SwarmRegistry } from '../registry/swarm-registry.ts';

/** What whoever runs a cloud sees of it, and the way it stops. Before routes are added to `app`. */
export function operationsOf(
  app: FastifyInstance,
  parts: {
    catalogue: Catalogue;
    registry: SwarmRegistry;
    alarms: Alarms;
    admin: AdminStores;
    isAdminToken: (authorization: string | undefined) => boolean;
    clock: Clock;
  },
  { metrics, version }: { metrics?: MetricsAccess; version?: string },
) {
  const drain = new Drain();
  closeWhenDraining(app, drain);
  const counts = new RequestCounts();
  watchRequests(app, counts);
  const startedAt = parts.clock.now();
  const upMs = () => parts.clock.now() - startedAt;
  const mayReadMetrics = metricsGate({ ...parts, metrics });
  return { drain, probe: new StoreProbe(parts), counts, upMs, mayReadMetrics, version };
}
