import { join } from 'node:path';
import type { Clock } from '@sluice/protocol';
import type { Logger } from 'pino';
import { AuditLog } from './admin/audit/audit-log.ts';
import { type AdminStores, openAdmin } from './admin/users/open-admin.ts';
import { Alarms } from './alarms/alarms.ts';
import { CacheNodes } from './cache-nodes/cache-nodes.ts';
import { PreheatJobs } from './cache-nodes/preheat-jobs.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import { KyselyCatalogue } from './catalogue/kysely-catalogue.ts';
import { wallTimeOf } from './clock/wall-time.ts';
import { ContentRules } from './content-rules/content-rules.ts';
import { readRules } from './content-rules/rules-document.ts';
import type { Database } from './database/database.ts';
import { sqliteDatabase } from './database/sqlite-database.ts';
import { ArrayInstances } from './discovery/array-instances.ts';
import { JsonDocument } from './documents/json-document.ts';
import { EventStore } from './events/event-store.ts';
import type { Places } from './events/geo/places.ts';
import { HashLog } from './hash-log/hash-log.ts';
import { type Identity, openIdentity } from './identity/identity.ts';
import { IngestJobs } from './ingest/ingest-jobs.ts';
import { JoinPace } from './registry/join-pace.ts';
import { MemorySwarmRegistry } from './registry/memory-registry.ts';
import type { SwarmRegistry } from './registry/swarm-registry.ts';
import { Rollouts, readRollouts } from './rollouts/rollouts.ts';
import { DeviceSettings } from './settings/device-settings.ts';
import { settingsFile, settingsRow } from './settings/settings-text.ts';
import { readKeySets, SigningKeys } from './signing/signing-keys.ts';
import type { JoinSamples } from './swarm-view/join-samples.ts';
import { MemorySamples } from './swarm-view/memory-samples.ts';

export interface StoreOptions {
  dataDir: string;
  /** `postgres://…`: shared with other clouds. Without it SQLite files in the data directory. */
  database?: string;
  /** `redis://…`: shared with other clouds. Without it swarms are in this process. */
  swarmStore?: string;
  /** See `JoinPace`. */
  joinsPerSecond?: number | undefined;
  /** Swarms that are there already, in this process. `swarmStore` is not used then. */
  registry?: SwarmRegistry;
  clock: Clock;
  random: () => number;
  logger: Logger | undefined;
  /** Where external addresses are. */
  places: Places;
}

/** What a cloud keeps. */
export interface Stores {
  catalogue: Catalogue;
  registry: SwarmRegistry;
  samples: JoinSamples;
  settings: DeviceSettings;
  cacheNodes: CacheNodes;
  preheatJobs: PreheatJobs;
  events: EventStore;
  alarms: Alarms;
  hashLog: HashLog;
  ingestJobs: IngestJobs;
  contentRules: ContentRules;
  rollouts: Rollouts;
  signingKeys: SigningKeys;
  instances: ArrayInstances;
  identity: Identity;
  admin: AdminStores;
  audit: AuditLog;
  /** ms since 1970 */
  wallTime: () => number;
  close(): Promise<void>;
}

/** @param open instead of the database that the options name. @throws DataDirUnusable, StoreUnavailable, InvalidArgument */
export async function openStores(options: StoreOptions, open = openDatabase): Promise<Stores> {
  const { dataDir, clock, logger } = options;
  await using undo = new AsyncDisposableStack();
  const database = await open(options);
  undo.defer(() => database.close());
  const wallTime = wallTimeOf(clock);
  const { registry, samples, close } = await openRegistry(options, wallTime);
  undo.defer(close);
  undo.defer(() => samples.close());
  const cacheNodes = await CacheNodes.open(database, wallTime);
  const document = (name: string) =>
    database.shared ? settingsRow(database, name) : settingsFile(join(dataDir, `${name}.json`));
  const rules = await document('content-rules');
  const keysText = await document('signing-keys');
  const rolloutsText = await document('rollouts');
  const settings = new DeviceSettings(await document('settings'), clock, logger);
  const alarms = await Alarms.open(database, wallTime, logger);
  const stores = {
    catalogue: await KyselyCatalogue.open(database),
    registry,
    samples,
    settings,
    cacheNodes,
    preheatJobs: new PreheatJobs(cacheNodes.db, wallTime),
    events: await EventStore.open(database, options.places),
    alarms,
    hashLog: await HashLog.open(database, { alarms, wallTime }),
    contentRules: new ContentRules(new JsonDocument(rules, clock, logger, readRules)),
    rollouts: new Rollouts(
      new JsonDocument(rolloutsText, clock, logger, readRollouts),
      settings,
      wallTime,
    ),
    signingKeys: new SigningKeys(new JsonDocument(keysText, clock, logger, readKeySets)),
    instances: await ArrayInstances.open(database, { clock, logger }),
    ingestJobs: await IngestJobs.open(database, wallTime),
    identity: await openIdentity(database, clock, wallTime),
    admin: await openAdmin(database, wallTime),
    audit: await AuditLog.open(database, wallTime),
    wallTime,
  };
  const owned = undo.move();
  return { ...stores, close: () => owned.disposeAsync() };
}

export async function openDatabase({
  dataDir,
  database,
}: Pick<StoreOptions, 'dataDir' | 'database'>): Promise<Database> {
  if (database === undefined) return sqliteDatabase(dataDir);
  const { postgresDatabase } = await import('./database/postgres-database.ts');
  return postgresDatabase(database);
}

async function openRegistry(
  { swarmStore, registry: given, clock, random, logger, joinsPerSecond }: StoreOptions,
  wallTime: () => number,
): Promise<{ registry: SwarmRegistry; samples: JoinSamples; close: () => Promise<void> }> {
  const pace = new JoinPace(joinsPerSecond);
  if (given || swarmStore === undefined) {
    const registry = given ?? new MemorySwarmRegistry({ clock, random, pace });
    return { registry, samples: new MemorySamples(wallTime), close: async () => {} };
  }
  const { openValkey } = await import('./registry/valkey/open-valkey.ts');
  const { ValkeySwarmRegistry } = await import('./registry/valkey/valkey-registry.ts');
  const { ValkeySamples } = await import('./swarm-view/valkey-samples.ts');
  const store = await openValkey(swarmStore);
  const registry = new ValkeySwarmRegistry(store, { clock, random, pace });
  const samples = new ValkeySamples(store, { clock, wallTime, logger });
  return { registry, samples, close: () => registry.close() };
}
