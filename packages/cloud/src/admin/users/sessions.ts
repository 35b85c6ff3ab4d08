import type { Kysely } from 'kysely';
import { digestOf, newKey } from '../../cache-nodes/node-keys.ts';
import type { UserRow } from './admin-users.ts';
import type { AdminTables } from './tables.ts';

/** Without a request for so long, and however busy, a session ends, ms. */
const idleMs = 12 * 3_600_000;
const longestMs = 7 * 24 * 3_600_000;
/** The identity provider does not tell when it takes a role back: it is asked again after so long, ms. */
const longestProvidedMs = 24 * 3_600_000;
/** How exact it is when a session was last used: a write for each request would be too much, ms. */
const seenMs = 60_000;

export interface Session {
  /** Names it here; the cookie does not follow from it. */
  digest: string;
  user: UserRow;
}

/** Who is logged in, in the database: any cloud knows, and forgets at once who has logged out. */
export class AdminSessions {
  readonly #db: Kysely<AdminTables>;
  readonly #wallTime: () => number;

  constructor(db: Kysely<AdminTables>, wallTime: () => number) {
    this.#db = db;
    this.#wallTime = wallTime;
  }

  /** @returns what the cookie holds, which is not kept */
  async begin(user: UserRow): Promise<string> {
    const now = this.#wallTime();
    await this.#db
      .deleteFrom('admin_session')
      .where((row) => row.or([row('expires_at', '<=', now), row('seen_at', '<=', now - idleMs)]))
      .execute();
    const key = newKey();
    const longest = user.password === null ? longestProvidedMs : longestMs;
    await this.#db
      .insertInto('admin_session')
      .values({
        digest: digestOf(key),
        user_id: user.user_id,
        seen_at: now,
        expires_at: now + longest,
      })
      .execute();
    return key;
  }

  /** The session of a cookie, with its user as the user is now; undefined when it has ended. */
  async find(key: string): Promise<Session | undefined> {
    const now = this.#wallTime();
    const digest = digestOf(key);
    const found = await this.#db
      .selectFrom('admin_session')
      .innerJoin('admin_user', 'admin_user.user_id', 'admin_session.user_id')
      .selectAll('admin_user')
      .select('admin_session.seen_at')
      .where('digest', '=', digest)
      .where('enabled', '=', 1)
      .where('expires_at', '>', now)
      .where('seen_at', '>', now - idleMs)
      .executeTakeFirst();
    if (!found) return undefined;
    const { seen_at, ...user } = found;
    if (now - seen_at >= seenMs) {
      await this.#db
        .updateTable('admin_session')
        .set({ seen_at: now })
        .where('digest', '=', digest)
        .execute();
    }
    return { digest, user };
  }

  async end(digest: string): Promise<void> {
    await this.#db.deleteFrom('admin_session').where('digest', '=', digest).execute();
  }
}
