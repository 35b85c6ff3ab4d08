import { sluiceError } from '@sluice/protocol';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import type { Database, TableSet } from './database.ts';
import { compareSteps } from './table-steps.ts';

/** Connections of one cloud. PostgreSQL allows 100 in all unless told otherwise. */
const poolSize = 10;
/** How long a connection or a query may take, ms. */
const patienceMs = 10_000;

/**
 * Opens the database that several clouds share, PostgreSQL 15 or newer; clouds that start together take
 * turns at making the tables.
 * @param url `postgres://user:password@host[:port]/database`, with `?sslmode=verify-full` for TLS
 * @throws InvalidArgument, StoreUnavailable
 */
export async function postgresDatabase(url: string): Promise<Database> {
  const parsed = URL.parse(url);
  if (!parsed || !['postgres:', 'postgresql:'].includes(parsed.protocol)) {
    const detail = 'postgres://user:password@host[:port]/database';
    throw sluiceError('InvalidArgument', { name: 'the URL of the database', detail });
  }
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: poolOf(url) }) });
  const unusable = (cause: unknown) => {
    const detail = cause instanceof Error ? cause.message || cause.name : String(cause);
    const store = `database at ${parsed.host || 'its socket'}`;
    return sluiceError('StoreUnavailable', { store, detail }, { cause });
  };
  try {
    await sql`SELECT 1`.execute(db);
  } catch (cause) {
    await db.destroy();
    throw unusable(cause);
  }
  return {
    shared: true,
    async tables<T>(set: TableSet) {
      await defineBlob(db).catch((cause: unknown) => {
        throw unusable(cause);
      });
      const { error } = await migratorOf(db, set).migrateToLatest();
      if (error) throw unusable(error);
      return db as Kysely<T>;
    },
    async steps(set) {
      try {
        return compareSteps(set, await stepsIn(db, migrationTable(set)));
      } catch (cause) {
        throw unusable(cause);
      }
    },
    close: () => db.destroy(),
  };
}

/** Each set has its own account of what was done. */
function migratorOf(db: Kysely<unknown>, set: TableSet): Migrator {
  const table = migrationTable(set);
  return new Migrator({
    db,
    provider: { getMigrations: async () => set.migrations },
    migrationTableName: table,
    migrationLockTableName: `${table}_lock`,
  });
}

function migrationTable({ name }: TableSet): string {
  return `migration_${name.replaceAll('-', '_')}`;
}

/** The steps that were made, by the account of them. */
async function stepsIn(db: Kysely<unknown>, table: string): Promise<string[]> {
  const { rows } = await sql<{ there: boolean }>`
    SELECT to_regclass(${table}) IS NOT NULL AS there`.execute(db);
  if (!rows[0]!.there) return [];
  const steps = await sql<{ name: string }>`SELECT name FROM ${sql.table(table)}`.execute(db);
  return steps.rows.map(({ name }) => name);
}

function poolOf(connectionString: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: poolSize,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
    types: { getTypeParser: parserOf },
  });
  // A connection that breaks while nobody uses it; whoever needs one next gets another or an error.
  pool.on('error', () => {});
  return pool;
}

/** Lengths of files are 64-bit integers, which come as text unless it is said that they fit a number. */
function parserOf(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === pg.types.builtins.INT8) return Number;
  return pg.types.getTypeParser(oid, format as 'text');
}

/** SQLite's name for bytes, so that the migrations are the same. */
async function defineBlob(db: Kysely<unknown>): Promise<void> {
  await sql`DO $$ BEGIN
    CREATE DOMAIN blob AS bytea;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$`.execute(db);
}
