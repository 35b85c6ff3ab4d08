import { join } from 'node:path';
import type { Clock } from '@sluice/protocol';
import type { Logger } from 'pino';
import { AuditLog } from './admin/audit/audit-log.ts';
import { type AdminStores, openAdmin } from './admin/users/open-admin.ts';
import { CacheNodes } from './cache-nodes/cache-nodes.ts';
import { PreheatJobs } from './cache-nodes/preheat-jobs.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import { KyselyCatalogue } from './catalogue/kysely-catalogue.ts';
import { wallTimeOf } from './clock/wall-time.ts';
import type { Database } from './database/database.ts';
import { sqliteDatabase } from './database/sqlite-database.ts';
import { MemorySwarmRegistry } from './registry/memory-registry.ts';
import type { SwarmRegistry } from './registry/swarm-registry.ts';
import { DeviceSettings } from './settings/device-settings.ts';
import { settingsFile, settingsRow } from './settings/settings-text.ts';

export interface StoreOptions {
  dataDir: string;
  /** `postgres://…`: shared with other clouds. Without it SQLite files in the data directory. */
  database?: string;
  /** `redis://…`: shared with other clouds. Without it swarms are in this process. */
  swarmStore?: string;
  clock: Clock;
  random: () => number;
  logger: Logger | undefined;
}

/** What a cloud keeps. */
export interface Stores {
  catalogue: Catalogue;
  registry: SwarmRegistry;
  settings: DeviceSettings;
  cacheNodes: CacheNodes;
  preheatJobs: PreheatJobs;
  admin: AdminStores;
  audit: AuditLog;
  /** ms since 1970 */
  wallTime: () => number;
  close(): Promise<void>;
}

/** @throws DataDirUnusable, StoreUnavailable, InvalidArgument */
export async function openStores(options: StoreOptions): Promise<Stores> {
  const { dataDir, clock, logger } = options;
  await using undo = new AsyncDisposableStack();
  const database = await openDatabase(options);
  undo.defer(() => database.close());
  const { registry, close } = await openRegistry(options);
  undo.defer(close);
  const wallTime = wallTimeOf(clock);
  const cacheNodes = await CacheNodes.open(database, wallTime);
  const text = database.shared
    ? await settingsRow(database)
    : settingsFile(join(dataDir, 'settings.json'));
  const stores = {
    catalogue: await KyselyCatalogue.open(database),
    registry,
    settings: new DeviceSettings(text, clock, logger),
    cacheNodes,
    preheatJobs: new PreheatJobs(cacheNodes.db, wallTime),
    admin: await openAdmin(database, wallTime),
    audit: await AuditLog.open(database, wallTime),
    wallTime,
  };
  const owned = undo.move();
  return { ...stores, close: () => owned.disposeAsync() };
}

async function openDatabase({ dataDir, database }: StoreOptions): Promise<Database> {
  if (database === undefined) return sqliteDatabase(dataDir);
  const { postgresDatabase } = await import('./database/postgres-database.ts');
  return postgresDatabase(database);
}

async function openRegistry({
  swarmStore,
  clock,
  random,
}: StoreOptions): Promise<{ registry: SwarmRegistry; close: () => Promise<void> }> {
  if (swarmStore === undefined) {
    return { registry: new MemorySwarmRegistry({ clock, random }), close: async () => {} };
  }
  const { openValkey } = await import('./registry/valkey/open-valkey.ts');
  const { ValkeySwarmRegistry } = await import('./registry/valkey/valkey-registry.ts');
  const registry = new ValkeySwarmRegistry(await openValkey(swarmStore), { random });
  return { registry, close: () => registry.close() };
}
