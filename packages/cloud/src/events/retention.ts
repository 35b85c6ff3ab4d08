import type { Clock } from '@sluice/protocol';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Logger } from 'pino';
import type { EventStore } from './event-store.ts';
import { dayMs } from './facts.ts';
import { dailyTables } from './migrations.ts';
import { dropEventsBefore } from './partitions.ts';
import type { EventTables } from './tables.ts';

/** How long events and their sums are kept, days. */
export interface Retention {
  eventDays: number;
  sumDays: number;
}

/** The sums outlive what they are made of: a year can be held against the last one. */
export const defaultRetention: Retention = { eventDays: 90, sumDays: 400 };

const everyMs = 3_600_000;
const firstMs = 60_000;
/** Of the clouds on one database the one that has it cleans up. */
const retentionLock = 0x51d1d2;

/** Deletes every hour what is too old. @returns what ends it, when nothing runs any more */
export function keepDeleting(
  events: EventStore,
  retention: Retention,
  {
    clock,
    wallTime,
    logger,
  }: { clock: Clock; wallTime: () => number; logger?: Logger | undefined },
): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let cancel = clock.setTimer(firstMs, begin);
  function begin(): void {
    running = deleteOld(events, retention, wallTime()).then(
      () => {},
      // Tried again in an hour; nothing that is kept depends on it.
      (error) => logger?.error({ err: error }, 'old events cannot be deleted'),
    );
    cancel = clock.setTimer(everyMs, begin);
  }
  return async () => {
    cancel();
    await running;
  };
}

/** Deletes what is too old at this time. @returns false: another cloud is at it */
export async function deleteOld(
  { db, postgres }: EventStore,
  { eventDays, sumDays }: Retention,
  now: number,
): Promise<boolean> {
  const today = Math.floor(now / dayMs);
  return db.connection().execute(async (connection) => {
    if (postgres && !(await locked(connection))) return false;
    try {
      await dropEventsBefore(connection, today - eventDays + 1, postgres);
      const day = today - sumDays + 1;
      for (const table of dailyTables) {
        await connection.deleteFrom(table).where('day', '<', day).execute();
      }
      for (const table of ['content_device', 'device_type'] as const) {
        await connection.deleteFrom(table).where('last_day', '<', day).execute();
      }
      await connection
        .deleteFrom('device')
        .where('last_time', '<', day * dayMs)
        .execute();
      return true;
    } finally {
      if (postgres) await sql`SELECT pg_advisory_unlock(${retentionLock})`.execute(connection);
    }
  });
}

async function locked(
  connection: Kysely<EventTables> | Transaction<EventTables>,
): Promise<boolean> {
  const { rows } = await sql<{ got: boolean }>`
    SELECT pg_try_advisory_lock(${retentionLock}) AS got`.execute(connection);
  return rows[0]!.got;
}
