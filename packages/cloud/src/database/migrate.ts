import { systemClock } from '../clock/system-clock.ts';
import { makeDataDir } from '../data-dir.ts';
import { noPlaces } from '../events/geo/places.ts';
import { openDatabase, openStores } from '../stores.ts';
import type { TableSteps } from './database.ts';
import { tableSets } from './table-sets.ts';

/**
 * Brings the tables of a cloud up to date, as its start does, or with `check` only looks.
 * @returns how far they were before
 * @throws DataDirUnusable (also when they are of a newer Sluice), StoreUnavailable, InvalidArgument
 */
export async function migrate(options: {
  dataDir: string;
  /** `postgres://…`; SQLite files in the data directory when not given. */
  database?: string | undefined;
  check: boolean;
}): Promise<TableSteps[]> {
  const { dataDir, check } = options;
  if (!check) await makeDataDir(dataDir);
  const named = options.database === undefined ? {} : { database: options.database };
  const database = await openDatabase({ dataDir, ...named });
  try {
    const before: TableSteps[] = [];
    for (const set of tableSets(database.shared)) before.push(await database.steps(set));
    // As at a start: stores make more than tables of their own, such as views.
    if (!check) {
      const parts = {
        clock: systemClock,
        random: Math.random,
        logger: undefined,
        places: noPlaces,
      };
      await openStores({ dataDir, ...parts }, async () => database);
    }
    return before;
  } finally {
    await database.close();
  }
}
