import { type Kysely, sql } from 'kysely';
import type { EventTables } from './tables.ts';

/** Clouds that share a database take turns at making and dropping partitions. */
const partitionLock = 0x51d1d1;

/** The days that `event` has a partition for, in PostgreSQL; SQLite has none and needs none. */
export class EventPartitions {
  readonly #db: Kysely<EventTables>;
  readonly #postgres: boolean;
  #known = new Set<number>();

  constructor(db: Kysely<EventTables>, postgres: boolean) {
    this.#db = db;
    this.#postgres = postgres;
  }

  /** Sees to it that there are partitions for these days. They are few: who takes events bounds their times. */
  async provide(days: ReadonlySet<number>): Promise<void> {
    const missing = [...days].filter((day) => !this.#known.has(day));
    if (!this.#postgres || missing.length === 0) return;
    await this.#db.transaction().execute(async (tx) => {
      await sql`SELECT pg_advisory_xact_lock(${partitionLock})`.execute(tx);
      for (const day of missing) {
        await sql`CREATE TABLE IF NOT EXISTS ${sql.table(nameOf(day))} PARTITION OF event
          FOR VALUES FROM (${sql.lit(day)}) TO (${sql.lit(day + 1)})`.execute(tx);
      }
    });
    for (const day of missing) this.#known.add(day);
  }

  forget(): void {
    this.#known.clear();
  }
}

/** Deletes the events of all days before this one. @returns whether there were any */
export async function dropEventsBefore(
  db: Kysely<EventTables>,
  day: number,
  postgres: boolean,
): Promise<void> {
  if (!postgres) {
    await db.deleteFrom('event').where('day', '<', day).execute();
    return;
  }
  const { rows } = await sql<{ name: string }>`
    SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'event'::regclass`.execute(db);
  for (const { name } of rows) {
    if (name >= nameOf(day)) continue;
    await db.transaction().execute(async (tx) => {
      await sql`SELECT pg_advisory_xact_lock(${partitionLock})`.execute(tx);
      await sql`DROP TABLE IF EXISTS ${sql.table(name)}`.execute(tx);
    });
  }
}

/** Sorts as the days do: `event_20454`. */
function nameOf(day: number): string {
  return `event_${String(day).padStart(6, '0')}`;
}
