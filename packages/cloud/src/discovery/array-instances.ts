import type { Clock } from '@sluice/protocol';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';

/** How often an instance says that it lives, ms. */
const beatMs = 5_000;
/** Who has not said so for so long is dead, ms. */
const deadMs = 3 * beatMs;
/** The list is read again after so long, ms. */
const freshMs = 1_000;
/** Somebody who is dead for so long is forgotten, ms. */
const forgetMs = 3_600_000;

interface InstanceTables {
  array_instance: {
    url: string;
    /** Counts up: that it moves tells that the instance lives, whatever its clock says. */
    beat: number;
  };
}

export const instanceTables = {
  name: 'array-instances',
  migrations: {
    '0001-array-instance': {
      async up(db: Kysely<unknown>) {
        await db.schema
          .createTable('array_instance')
          .addColumn('url', 'text', (c) => c.primaryKey())
          .addColumn('beat', 'bigint', (c) => c.notNull())
          .execute();
      },
    },
  },
};

export interface InstancesOptions {
  clock: Clock;
  logger: Logger | undefined;
}

/** Which array instances live, by what they write into the database that they share. */
export class ArrayInstances {
  readonly #db: Kysely<InstanceTables>;
  readonly #options: InstancesOptions;
  /** When each was seen to move, by this process's clock. */
  readonly #seen = new Map<string, { beat: number; at: number }>();
  #own: string | undefined;
  #cancelBeat = () => {};
  #beating: Promise<void> = Promise.resolve();
  #readAt = Number.NEGATIVE_INFINITY;
  #live: Promise<string[]> = Promise.resolve([]);

  constructor(db: Kysely<InstanceTables>, options: InstancesOptions) {
    this.#db = db;
    this.#options = options;
  }

  /** @throws as `Database.tables` */
  static async open(database: Database, options: InstancesOptions): Promise<ArrayInstances> {
    return new ArrayInstances(await database.tables<InstanceTables>(instanceTables), options);
  }

  /** Says from now on that this one lives. @param url of its services, without a slash at the end. */
  async register(url: string): Promise<void> {
    this.#own = url;
    await this.#beat(url);
    this.#beatLater(url);
  }

  /** In no order. @throws when the database cannot be asked */
  live(): Promise<string[]> {
    const now = this.#options.clock.now();
    if (now - this.#readAt >= freshMs) {
      this.#readAt = now;
      this.#live = this.#read(now);
      this.#live.catch(() => {
        this.#readAt = Number.NEGATIVE_INFINITY;
      });
    }
    return this.#live;
  }

  /** It is asked no more, from now on. */
  async close(): Promise<void> {
    this.#cancelBeat();
    await this.#beating;
    this.#cancelBeat();
    const url = this.#own;
    if (url === undefined) return;
    try {
      await this.#db.deleteFrom('array_instance').where('url', '=', url).execute();
    } catch (err) {
      this.#options.logger?.warn({ err }, 'the others hear late that this array instance ends');
    }
  }

  async #read(now: number): Promise<string[]> {
    const rows = await this.#db.selectFrom('array_instance').selectAll().execute();
    const live: string[] = [];
    for (const { url, beat } of rows) {
      const seen = this.#seen.get(url);
      if (seen?.beat !== beat) this.#seen.set(url, { beat, at: now });
      const at = this.#seen.get(url)?.at ?? now;
      if (now - at < deadMs) live.push(url);
      else if (now - at > forgetMs) await this.#forget(url, beat);
    }
    return live;
  }

  async #forget(url: string, beat: number): Promise<void> {
    const row = this.#db.deleteFrom('array_instance').where('url', '=', url);
    await row.where('beat', '=', beat).execute();
    this.#seen.delete(url);
  }

  async #beat(url: string): Promise<void> {
    await this.#db
      .insertInto('array_instance')
      .values({ url, beat: 1 })
      .onConflict((conflict) =>
        conflict.column('url').doUpdateSet((e) => ({ beat: e('array_instance.beat', '+', 1) })),
      )
      .execute();
  }

  #beatLater(url: string): void {
    const { clock, logger } = this.#options;
    this.#cancelBeat = clock.setTimer(beatMs, () => {
      this.#beating = this.#beat(url)
        .catch((err) => logger?.warn({ err }, 'the others do not hear that this instance lives'))
        .then(() => this.#beatLater(url));
    });
  }
}
