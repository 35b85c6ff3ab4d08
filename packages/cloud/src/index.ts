/**
 * The services of the cloud in one process.
 *
 * ```ts
 * await using cloud = await createCloud({ dataDir: '/srv/sluice', listen: { host: '::', port: 8080 } });
 * console.log(cloud.url);
 * ```
 * @module
 */

export type { OidcOptions } from './admin/oidc/oidc-options.ts';
export { type Cloud, type CloudOptions, createCloud } from './cloud.ts';
export { backup } from './database/backup.ts';
export type { TableSteps } from './database/database.ts';
export { migrate } from './database/migrate.ts';
export { type ExaminedCloud, examineCloud } from './doctor/examine.ts';
export type { CloudFinding } from './doctor/finding.ts';
export type { ServiceName } from './services/service-names.ts';
