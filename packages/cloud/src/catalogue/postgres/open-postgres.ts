import { sluiceError } from '@sluice/protocol';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import type { Catalogue } from '../catalogue.ts';
import { KyselyCatalogue } from '../kysely-catalogue.ts';
import { migrations } from '../migrations.ts';
import type { CatalogueTables } from '../tables.ts';

/** Connections of one cloud. PostgreSQL allows 100 in all unless told otherwise. */
const poolSize = 10;
/** How long a connection or a query may take, ms. */
const patienceMs = 10_000;
/** Whoever publishes waits for this lock: two that move URLs between them would deadlock. */
const publishLock = 0x51d1ce;

/**
 * Opens the database that several clouds share, PostgreSQL 15 or newer, bringing its tables up to date;
 * clouds that start together take turns at that.
 * @param url `postgres://user:password@host[:port]/database`, with `?sslmode=verify-full` for TLS
 * @throws InvalidArgument, StoreUnavailable
 */
export async function openPostgres(url: string): Promise<Kysely<CatalogueTables>> {
  const parsed = URL.parse(url);
  if (!parsed || !['postgres:', 'postgresql:'].includes(parsed.protocol)) {
    const detail = 'postgres://user:password@host[:port]/database';
    throw sluiceError('InvalidArgument', { name: 'the URL of the database', detail });
  }
  const db = new Kysely<CatalogueTables>({ dialect: new PostgresDialect({ pool: poolOf(url) }) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  try {
    await defineBlob(db);
    const { error } = await migrator.migrateToLatest();
    if (error) throw error;
  } catch (cause) {
    await db.destroy();
    const detail = cause instanceof Error ? cause.message || cause.name : String(cause);
    const store = `database at ${parsed.host || 'its socket'}`;
    throw sluiceError('StoreUnavailable', { store, detail }, { cause });
  }
  return db;
}

/** The catalogue in it. */
export function postgresCatalogue(db: Kysely<CatalogueTables>): Catalogue {
  return new KyselyCatalogue(db, async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(${publishLock})`.execute(tx);
  });
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
async function defineBlob(db: Kysely<CatalogueTables>): Promise<void> {
  await sql`DO $$ BEGIN
    CREATE DOMAIN blob AS bytea;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$`.execute(db);
}
