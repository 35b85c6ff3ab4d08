import { join } from 'node:path';
import type { Clock } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { Catalogue } from './catalogue/catalogue.ts';
import { openSqliteCatalogue } from './catalogue/sqlite/open-sqlite-catalogue.ts';
import { MemorySwarmRegistry } from './registry/memory-registry.ts';
import type { SwarmRegistry } from './registry/swarm-registry.ts';
import { DeviceSettings } from './settings/device-settings.ts';
import { type SettingsText, settingsFile, settingsRow } from './settings/settings-text.ts';

export interface StoreOptions {
  dataDir: string;
  /** `postgres://…`: shared with other clouds. Without it an SQLite file in the data directory. */
  database?: string;
  /** `redis://…`: shared with other clouds. Without it swarms are in this process. */
  swarmStore?: string;
  clock: Clock;
  random: () => number;
  logger: Logger | undefined;
}

/** What a cloud keeps, and where. */
export interface Stores {
  catalogue: Catalogue;
  registry: SwarmRegistry;
  settings: DeviceSettings;
  close(): Promise<void>;
}

/** @throws DataDirUnusable, StoreUnavailable, InvalidArgument */
export async function openStores(options: StoreOptions): Promise<Stores> {
  const { catalogue, settings } = await openCatalogue(options);
  try {
    const { registry, close } = await openRegistry(options);
    return {
      catalogue,
      registry,
      settings: new DeviceSettings(settings, options.clock, options.logger),
      async close() {
        await close();
        await catalogue.close();
      },
    };
  } catch (error) {
    await catalogue.close();
    throw error;
  }
}

async function openCatalogue({
  dataDir,
  database,
}: StoreOptions): Promise<{ catalogue: Catalogue; settings: SettingsText }> {
  if (database === undefined) {
    const catalogue = await openSqliteCatalogue(join(dataDir, 'catalogue.sqlite'));
    return { catalogue, settings: settingsFile(join(dataDir, 'settings.json')) };
  }
  const { openPostgres, postgresCatalogue } = await import('./catalogue/postgres/open-postgres.ts');
  const db = await openPostgres(database);
  return { catalogue: postgresCatalogue(db), settings: settingsRow(db) };
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
