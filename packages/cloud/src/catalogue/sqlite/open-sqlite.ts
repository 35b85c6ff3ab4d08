import { sluiceError } from '@sluice/protocol';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from '../migrations.ts';
import type { CatalogueTables } from '../tables.ts';
import { nodeSqliteDialect } from './node-sqlite-dialect.ts';

/**
 * Opens the embedded database, making the file and bringing its tables up to date.
 * @param file path in a directory that exists, or ":memory:"
 * @throws DataDirUnusable when it cannot be written, is no catalogue, or is of a newer Sluice
 */
export async function openSqlite(file: string): Promise<Kysely<CatalogueTables>> {
  const db = new Kysely<CatalogueTables>({ dialect: nodeSqliteDialect(file) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  try {
    const { error } = await migrator.migrateToLatest();
    if (error) throw error;
  } catch (cause) {
    await db.destroy();
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw sluiceError('DataDirUnusable', { path: file, detail }, { cause });
  }
  return db;
}
