import { sluiceError } from '@sluice/protocol';
import { type Kysely, sql } from 'kysely';
import { digestOf } from '../../cache-nodes/node-keys.ts';
import { siteOf } from '../../registry/site.ts';
import type { AdminTables } from '../users/tables.ts';

/** Attempts that fail within the window, for one name from wherever, and from one address for whatever name. */
export const attemptLimits = { name: 10, address: 30, windowMs: 15 * 60_000 };

/** How often somebody tried to log in: counted in the database, so that clouds count together. */
export class LoginAttempts {
  readonly #db: Kysely<AdminTables>;
  readonly #wallTime: () => number;

  constructor(db: Kysely<AdminTables>, wallTime: () => number) {
    this.#db = db;
    this.#wallTime = wallTime;
  }

  /**
   * Counts an attempt before the password is looked at: many at once count, too.
   * @param name undefined when an identity provider is to say it
   * @throws TooManyLogins, with whether this was the first beyond the limit
   */
  async take(ip: string, name?: string): Promise<void> {
    const now = this.#wallTime();
    const { windowMs } = attemptLimits;
    await this.#db
      .deleteFrom('admin_attempt')
      .where('since', '<=', now - windowMs)
      .execute();
    // The address first: who is over its limit does not get to lock out names, or to fill the table.
    const limits: [string, number][] = [[addressSubject(ip), attemptLimits.address]];
    if (name !== undefined) limits.push([nameSubject(name), attemptLimits.name]);
    for (const [subject, limit] of limits) {
      const { attempts, since } = await this.#count(subject, now);
      if (attempts <= limit) continue;
      const retryAfterMs = since + windowMs - now;
      throw sluiceError('TooManyLogins', { retryAfterMs, first: attempts === limit + 1 });
    }
  }

  /** It was the right one: the name starts afresh, the address has one less. */
  async succeeded(ip: string, name?: string): Promise<void> {
    if (name !== undefined) {
      const subject = nameSubject(name);
      await this.#db.deleteFrom('admin_attempt').where('subject', '=', subject).execute();
    }
    await this.#db
      .updateTable('admin_attempt')
      .set((row) => ({ attempts: row('attempts', '-', 1) }))
      .where('subject', '=', addressSubject(ip))
      .execute();
  }

  #count(subject: string, now: number) {
    return this.#db
      .insertInto('admin_attempt')
      .values({ subject, attempts: 1, since: now })
      .onConflict((conflict) =>
        conflict.column('subject').doUpdateSet({ attempts: sql`admin_attempt.attempts + 1` }),
      )
      .returning(['attempts', 'since'])
      .executeTakeFirstOrThrow();
  }
}

const addressSubject = (ip: string) => digestOf(`address ${siteOf(ip)}`);
const nameSubject = (name: string) => digestOf(`name ${name}`);
