import { randomUUID } from 'node:crypto';
import type { AlarmKind, AlarmView } from '@sluice/protocol';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';

interface AlarmTables {
  alarm: {
    id: string;
    kind: AlarmKind;
    subject: string;
    detail: string;
    first_at: number;
    last_at: number;
    count: number;
  };
}

export const alarmTables = {
  name: 'alarms',
  migrations: {
    '0001-alarm': {
      async up(db: Kysely<unknown>) {
        await db.schema
          .createTable('alarm')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('kind', 'text', (c) => c.notNull())
          .addColumn('subject', 'text', (c) => c.notNull())
          .addColumn('detail', 'text', (c) => c.notNull())
          .addColumn('first_at', 'bigint', (c) => c.notNull())
          .addColumn('last_at', 'bigint', (c) => c.notNull())
          .addColumn('count', 'bigint', (c) => c.notNull())
          .execute();
      },
    },
  },
};

/** Alarms that are kept and shown at the most: more of a kind say nothing new. */
const maxAlarms = 200;

/** What an admin must look at: kept until they say that they did. */
export class Alarms {
  readonly #db: Kysely<AlarmTables>;
  readonly #wallTime: () => number;
  readonly #logger: Logger | undefined;
  readonly #raised = new Map<AlarmKind, number>();

  constructor(db: Kysely<AlarmTables>, wallTime: () => number, logger: Logger | undefined) {
    this.#db = db;
    this.#wallTime = wallTime;
    this.#logger = logger;
  }

  /** @throws as `Database.tables` */
  static async open(
    database: Database,
    wallTime: () => number,
    logger: Logger | undefined,
  ): Promise<Alarms> {
    return new Alarms(await database.tables<AlarmTables>(alarmTables), wallTime, logger);
  }

  /** How many were raised in this process, by kind. */
  get raised(): ReadonlyMap<AlarmKind, number> {
    return this.#raised;
  }

  async raise(kind: AlarmKind, subject: string, detail: string): Promise<void> {
    this.#raised.set(kind, (this.#raised.get(kind) ?? 0) + 1);
    this.#logger?.error({ alarm: kind, subject, detail }, 'alarm');
    const now = Math.round(this.#wallTime());
    const again = await this.#db
      .updateTable('alarm')
      .set((e) => ({ last_at: now, count: e('count', '+', 1), detail }))
      .where('kind', '=', kind)
      .where('subject', '=', subject)
      .executeTakeFirst();
    if (again.numUpdatedRows > 0n || (await this.open()) >= maxAlarms) return;
    const row = { id: randomUUID(), kind, subject, detail, first_at: now, last_at: now, count: 1 };
    await this.#db.insertInto('alarm').values(row).execute();
  }

  /** How many nobody has looked at. */
  async open(): Promise<number> {
    const { n } = await this.#db
      .selectFrom('alarm')
      .select((e) => e.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow();
    return Number(n);
  }

  async list(): Promise<AlarmView[]> {
    const rows = await this.#db
      .selectFrom('alarm')
      .selectAll()
      .orderBy('last_at', 'desc')
      .orderBy('id')
      .limit(maxAlarms)
      .execute();
    return rows.map((row) => ({
      Id: row.id,
      Kind: row.kind,
      Subject: row.subject,
      Detail: row.detail,
      FirstAt: new Date(row.first_at).toISOString(),
      LastAt: new Date(row.last_at).toISOString(),
      Count: row.count,
    }));
  }

  /** Somebody has looked at it. @returns whether it was there */
  async settle(id: string): Promise<boolean> {
    const gone = await this.#db.deleteFrom('alarm').where('id', '=', id).executeTakeFirst();
    return gone.numDeletedRows > 0n;
  }
}
