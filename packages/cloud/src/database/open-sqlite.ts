import { sluiceError } from '@sluice/protocol';
import { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { nodeSqliteDialect } from './node-sqlite-dialect.ts';

/**
 * Opens an embedded database, making the file and bringing its tables up to date.
 * @param file path in a directory that exists, or ":memory:"
 * @throws DataDirUnusable when it cannot be written, is no database, or is of a newer Sluice
 */
export async function openSqlite<Tables>(
  file: string,
  migrations: Record<string, Migration>,
): Promise<Kysely<Tables>> {
  const db = new Kysely<Tables>({ dialect: nodeSqliteDialect(file) });
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
