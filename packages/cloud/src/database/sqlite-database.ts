import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { Database, TableSet } from './database.ts';
import { openSqlite } from './open-sqlite.ts';

/** A file for each set of tables: who writes one does not hold up the others. @param folder exists */
export function sqliteDatabase(folder: string): Database {
  const open: Kysely<unknown>[] = [];
  return {
    shared: false,
    async tables<T>({ name, migrations }: TableSet) {
      const db = await openSqlite<T>(join(folder, `${name}.sqlite`), migrations);
      open.push(db as Kysely<unknown>);
      return db;
    },
    async close() {
      await Promise.all(open.map((db) => db.destroy()));
    },
  };
}
