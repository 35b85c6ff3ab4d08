import type { FastifyInstance } from 'fastify';
import { accessRoutes, openRoutes } from '../admin/access/access-routes.ts';
import { adminScope } from '../admin/access/admin-scope.ts';
import { adminRoutes } from '../admin/admin-routes.ts';
import { alarmRoutes } from '../alarms/alarm-routes.ts';
import { arrayRoutes } from '../array/array-routes.ts';
import { adminNodeRoutes } from '../cache-nodes/admin-node-routes.ts';
import { nodeRoutes } from '../cache-nodes/node-routes.ts';
import { consoleRoutes } from '../console/console-routes.ts';
import { contentPolicyRoutes } from '../content-policy/content-policy-routes.ts';
import { piecesHashFileRoutes } from '../content-policy/pieces-hash-file-routes.ts';
import { blockListRoutes, contentRulesRoutes } from '../content-rules/content-rules-routes.ts';
import { discoveryRoutes } from '../discovery/discovery-routes.ts';
import { eventRoutes } from '../events/event-routes.ts';
import { geoRoutes } from '../geo/geo-routes.ts';
import { hashLogRoutes } from '../hash-log/hash-log-routes.ts';
import { healthRoutes } from '../health/health-routes.ts';
import { adminIdentityRoutes } from '../identity/admin-identity-routes.ts';
import { DeviceAdmission } from '../identity/device-admission.ts';
import { deviceGate, type EnrolmentMode } from '../identity/device-gate.ts';
import { identityRoutes } from '../identity/identity-routes.ts';
import { ingestRoutes } from '../ingest/ingest-routes.ts';
import { keyValueRoutes } from '../key-value/key-value-routes.ts';
import { metricsRoutes } from '../metrics/metrics-routes.ts';
import { openApiRoutes } from '../openapi/openapi-routes.ts';
import { listRoutes } from '../openapi/route-list.ts';
import { reportRoutes } from '../reports/report-routes.ts';
import { rolloutRoutes } from '../rollouts/rollout-routes.ts';
import { keySetRoutes, signingKeyRoutes } from '../signing/signing-key-routes.ts';
import { swarmRoutes } from '../swarm-view/swarm-routes.ts';
import type { ServiceName } from './service-names.ts';

/** Which routes a service has, besides those of the admin scope. */
const ofDevices = {
  geo: [geoRoutes],
  'key-value': [keyValueRoutes],
  'content-policy': [contentPolicyRoutes, piecesHashFileRoutes, blockListRoutes, keySetRoutes],
  discovery: [discoveryRoutes],
  array: [arrayRoutes],
  events: [eventRoutes],
} satisfies Record<Exclude<ServiceName, 'admin'>, unknown[]>;
const always = [healthRoutes, metricsRoutes, identityRoutes];
/** They ask for the admin token. */
const ofAdmin = [
  adminIdentityRoutes,
  adminNodeRoutes,
  alarmRoutes,
  hashLogRoutes,
  ingestRoutes,
  contentRulesRoutes,
  rolloutRoutes,
  signingKeyRoutes,
  reportRoutes,
  swarmRoutes,
];

type PartsOf<F> = F extends (app: FastifyInstance, parts: infer P) => void
  ? (parts: P) => void
  : never;
/** What all routes need, together. */
type Intersected<U> = (U extends unknown ? PartsOf<U> : never) extends (parts: infer P) => void
  ? P
  : never;
export type ServiceParts = Omit<
  Intersected<
    | (typeof ofDevices)[keyof typeof ofDevices][number]
    | (typeof always)[number]
    | (typeof ofAdmin)[number]
    | typeof adminRoutes
    | typeof openRoutes
    | typeof adminScope
    | typeof accessRoutes
    | typeof nodeRoutes
    | typeof deviceGate
  >,
  'admission' | 'services'
> & { enrolment: EnrolmentMode };

/** Registers these services; the rest of them answer 404 here. */
export function registerServices(
  app: FastifyInstance,
  parts: ServiceParts,
  services: readonly ServiceName[],
): void {
  const known = listRoutes(app);
  app.decorateRequest('device', undefined);
  const admission = parts.enrolment === 'required' ? new DeviceAdmission(parts) : undefined;
  app.register(async (scope) => {
    if (admission) deviceGate(scope, { ...parts, admission });
    for (const service of services) {
      if (service === 'admin') continue;
      for (const routes of ofDevices[service]) routes(scope, { ...parts, admission, services });
    }
  });
  for (const routes of always) routes(app, parts);
  if (!services.includes('admin')) return;
  nodeRoutes(app, parts);
  consoleRoutes(app);
  app.register(async (scope) => openRoutes(scope, parts));
  app.register(async (scope) => {
    adminScope(scope, parts);
    accessRoutes(scope, parts);
    adminRoutes(scope, parts);
    for (const routes of ofAdmin) routes(scope, parts);
    openApiRoutes(scope, known);
  });
}
