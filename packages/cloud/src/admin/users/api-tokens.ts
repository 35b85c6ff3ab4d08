import { sluiceError } from '@sluice/protocol';
import type { Kysely } from 'kysely';
import { digestOf, newKey } from '../../cache-nodes/node-keys.ts';
import { type AdminCaller, type AdminRole, defaultTenant } from '../access/caller.ts';
import { isOwnOf } from './admin-users.ts';
import type { Page } from './list-page.ts';
import type { AdminTables } from './tables.ts';

export type TokenRow = AdminTables['admin_token'];

/** Tells our tokens from others, for people and for scanners of source code. */
const prefix = 'sat_';
const shape = /^sat_[\w-]{43}$/;
/** How exact it is when a token was last used, ms. */
const usedMs = 60_000;

/** Tokens for programs that use the admin API. */
export class ApiTokens {
  readonly #db: Kysely<AdminTables>;
  readonly #wallTime: () => number;

  constructor(db: Kysely<AdminTables>, wallTime: () => number) {
    this.#db = db;
    this.#wallTime = wallTime;
  }

  /** @returns the token, which is not kept. @throws RequestInvalid: the name is taken */
  async create(
    given: { name: string; tenant: string; role: AdminRole; expires_at: number | null },
    by: AdminCaller,
  ): Promise<{ token: string; row: TokenRow }> {
    const token = prefix + newKey();
    const made = { created_at: this.#wallTime(), created_by: by.user, last_used_at: null };
    const row = { ...given, ...made, digest: digestOf(token) };
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto('admin_token')
      .values(row)
      .onConflict((conflict) => conflict.column('name').doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows === 1n) return { token, row };
    throw sluiceError('RequestInvalid', { detail: `the name ${given.name} is taken` });
  }

  /** Whose token it is; undefined when it is none, was revoked, or has expired. */
  async find(token: string): Promise<TokenRow | undefined> {
    if (!shape.test(token)) return undefined;
    const now = this.#wallTime();
    const row = await this.#db
      .selectFrom('admin_token')
      .selectAll()
      .where('digest', '=', digestOf(token))
      .executeTakeFirst();
    if (!row || (row.expires_at !== null && row.expires_at <= now)) return undefined;
    if (now - (row.last_used_at ?? 0) >= usedMs) {
      await this.#db
        .updateTable('admin_token')
        .set({ last_used_at: now })
        .where('digest', '=', row.digest)
        .execute();
    }
    return row;
  }

  async list(page: Page, to: AdminCaller): Promise<TokenRow[]> {
    let query = this.#db.selectFrom('admin_token').selectAll();
    if (to.tenant !== defaultTenant) query = query.where('tenant', '=', to.tenant);
    if (page.after !== undefined) query = query.where('name', '>', page.after);
    return await query.orderBy('name').limit(page.limit).execute();
  }

  /** From now on nobody has it. @throws NoSuchResource, also for another tenant's */
  async revoke(name: string, by: AdminCaller): Promise<void> {
    const row = await this.#db
      .selectFrom('admin_token')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst();
    if (!row || !isOwnOf(by, row.tenant)) throw sluiceError('NoSuchResource');
    await this.#db.deleteFrom('admin_token').where('digest', '=', row.digest).execute();
  }
}
