import type { SeededCloud } from './seeded-fleet.ts';

/** Every page of the console: its address and its heading. */
export function consolePages({
  contentIds,
  deviceId,
  jobId,
}: SeededCloud): [path: string, title: string][] {
  const content = encodeURIComponent(contentIds[0]!);
  return [
    ['#/', 'Overview'],
    ['#/live', 'Live'],
    [`#/live/${content}`, 'update-2026-11.img'],
    ['#/distribution', 'Distribution'],
    ['#/efficiency', 'Efficiency'],
    ['#/devices', 'Devices'],
    [`#/devices/${deviceId}`, 'desk-1'],
    [`#/devices/${deviceId}/${jobId}`, 'office-suite.msi'],
    ['#/alarms', 'Alarms'],
    ['#/content', 'Content'],
    [`#/content/${content}`, 'update-2026-11.img'],
    ['#/publish', 'Publish'],
    ['#/ingest', 'Ingestion'],
    ['#/rules', 'Content rules'],
    ['#/cache-nodes', 'Cache nodes'],
    ['#/cache-nodes/oslo', 'oslo'],
    ['#/policies', 'Policies'],
    ['#/rollouts', 'Rollouts'],
    ['#/enrolment', 'Enrolment'],
    ['#/users', 'Users'],
    ['#/tokens', 'API tokens'],
    ['#/audit', 'Audit'],
    ['#/account', 'My account'],
  ];
}
