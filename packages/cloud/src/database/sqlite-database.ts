import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sluiceError } from '@sluice/protocol';
import type { Kysely } from 'kysely';
import type { Database, TableSet } from './database.ts';
import { openSqlite } from './open-sqlite.ts';
import { compareSteps } from './table-steps.ts';

/** A file for each set of tables: who writes one does not hold up the others. @param folder exists */
export function sqliteDatabase(folder: string): Database {
  const open: Kysely<unknown>[] = [];
  return {
    shared: false,
    async tables<T>({ name, migrations }: TableSet) {
      const db = await openSqlite<T>(fileOf(folder, name), migrations);
      open.push(db as Kysely<unknown>);
      return db;
    },
    async steps(set) {
      return compareSteps(set, stepsIn(fileOf(folder, set.name)));
    },
    async close() {
      await Promise.all(open.map((db) => db.destroy()));
    },
  };
}

function fileOf(folder: string, name: string): string {
  return join(folder, `${name}.sqlite`);
}

/** The steps that were made in a file. */
function stepsIn(file: string): string[] {
  if (!existsSync(file)) return [];
  try {
    using db = new DatabaseSync(file, { readOnly: true });
    const table = "SELECT 1 FROM sqlite_master WHERE name = 'kysely_migration'";
    if (!db.prepare(table).get()) return [];
    return db
      .prepare('SELECT name FROM kysely_migration')
      .all()
      .map(({ name }) => String(name));
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw sluiceError('DataDirUnusable', { path: file, detail }, { cause });
  }
}
