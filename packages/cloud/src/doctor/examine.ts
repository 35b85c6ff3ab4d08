import { join } from 'node:path';
import type { TlsOptions } from '../tls/server-tls.ts';
import { databaseChecks } from './database-checks.ts';
import { type CloudFinding, check } from './finding.ts';
import { adminToken, dataDirectory, diskSpace } from './local-checks.ts';
import { port, trustedProxies } from './network-checks.ts';
import { swarmStore } from './swarm-store-check.ts';
import { certificate } from './tls-check.ts';

/** What a cloud is started with, as far as it can be checked beforehand. */
export interface ExaminedCloud {
  dataDir: string;
  listen: { host: string; port: number };
  adminTokenFile?: string | undefined;
  database?: string | undefined;
  swarmStore?: string | undefined;
  trustedProxies: string[];
  tls?: TlsOptions | undefined;
}

/**
 * Whether a cloud could run so, and what would trouble it. Changes nothing; the cloud may run meanwhile.
 * @param now ms since 1970
 */
export async function examineCloud(cloud: ExaminedCloud, now = Date.now): Promise<CloudFinding[]> {
  const { dataDir, adminTokenFile = join(dataDir, 'admin-token') } = cloud;
  return [
    await check('Data directory', () => dataDirectory(dataDir)),
    await check('Disk', () => diskSpace(dataDir)),
    await check('Admin token', () => adminToken(adminTokenFile)),
    ...(await databaseChecks(cloud, now)),
    await check('Swarm store', () => swarmStore(cloud.swarmStore)),
    await check('Port', () => port(cloud.listen)),
    await check('Trusted proxies', () => trustedProxies(cloud.trustedProxies, cloud.listen.host)),
    await check('Certificate', () => certificate(cloud.tls, now())),
  ];
}
