import { seededRandom } from '@sluice/protocol';
import type { Kysely } from 'kysely';
import { systemClock } from '../clock/system-clock.ts';
import { openStores } from '../stores.ts';
import type { Database, TableSet } from './database.ts';
import { openSqlite } from './open-sqlite.ts';

/**
 * All sets of tables of a cloud. They are what its stores ask for, so the stores are opened once on databases in
 * memory that are thrown away: a list beside them would be one more thing to forget.
 * @param shared whether of clouds that share a database
 */
export async function tableSets(shared: boolean): Promise<TableSet[]> {
  const sets = new Map<string, TableSet>();
  const open: Kysely<unknown>[] = [];
  const recorder: Database = {
    shared,
    async tables<T>(set: TableSet) {
      sets.set(set.name, set);
      const db = await openSqlite<T>(':memory:', set.migrations);
      open.push(db as Kysely<unknown>);
      return db;
    },
    steps: async () => {
      throw new Error('nobody asks what is thrown away');
    },
    close: async () => {
      await Promise.all(open.map((db) => db.destroy()));
    },
  };
  const nowhere = { dataDir: '/dev/null', clock: systemClock, random: seededRandom(0) };
  const stores = await openStores({ ...nowhere, logger: undefined }, async () => recorder);
  await stores.close();
  return [...sets.values()];
}
