import { randomUUID } from 'node:crypto';
import { sluiceError } from '@sluice/protocol';
import type { Kysely } from 'kysely';
import { type AdminCaller, type AdminRole, defaultTenant } from '../access/caller.ts';
import type { Page } from './list-page.ts';
import type { AdminTables } from './tables.ts';

export type UserRow = AdminTables['admin_user'];

type UserChange = Partial<Pick<UserRow, 'role' | 'password' | 'enabled' | 'last_login_at'>>;

/** A user as an identity provider tells it. */
export interface ProvidedUser {
  subject: string;
  displayName: string;
  role: AdminRole;
}

/** The users of the admin API. Each caller has to do with those of its tenant, the tenant `default` with all. */
export class AdminUsers {
  readonly #db: Kysely<AdminTables>;
  readonly #wallTime: () => number;

  constructor(db: Kysely<AdminTables>, wallTime: () => number) {
    this.#db = db;
    this.#wallTime = wallTime;
  }

  /** @param user.password its hash. @throws RequestInvalid: the name is taken */
  async create(
    user: { name: string; tenant: string; role: AdminRole; password: string },
    by: AdminCaller,
  ): Promise<UserRow> {
    const row = { ...user, ...this.#fresh(by.user), display_name: null };
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto('admin_user')
      .values(row)
      .onConflict((conflict) => conflict.column('name').doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows === 1n) return row;
    throw sluiceError('RequestInvalid', { detail: `the name ${user.name} is taken` });
  }

  /** Who comes from the identity provider, made or brought up to date. Being disabled here stays. */
  async provided({ subject, displayName, role }: ProvidedUser): Promise<UserRow> {
    const facts = { role, display_name: displayName };
    const own = { ...this.#fresh('oidc'), tenant: defaultTenant, password: null };
    return await this.#db
      .insertInto('admin_user')
      .values({ name: `oidc:${subject}`, ...own, ...facts })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(facts))
      .returningAll()
      .executeTakeFirstOrThrow();
  }

  byName(name: string): Promise<UserRow | undefined> {
    return this.#db
      .selectFrom('admin_user')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst();
  }

  /** @throws NoSuchResource, also for another tenant's user */
  async visible(name: string, to: AdminCaller): Promise<UserRow> {
    const row = await this.byName(name);
    if (row && isOwnOf(to, row.tenant)) return row;
    throw sluiceError('NoSuchResource');
  }

  async list(page: Page, to: AdminCaller): Promise<UserRow[]> {
    let query = this.#db.selectFrom('admin_user').selectAll();
    if (to.tenant !== defaultTenant) query = query.where('tenant', '=', to.tenant);
    if (page.after !== undefined) query = query.where('name', '>', page.after);
    return await query.orderBy('name').limit(page.limit).execute();
  }

  /** A new password, and being disabled, end the sessions. */
  async change(row: UserRow, set: UserChange, keepSession?: string): Promise<UserRow> {
    await this.#db.updateTable('admin_user').set(set).where('user_id', '=', row.user_id).execute();
    if (set.password !== undefined || set.enabled === 0) {
      let sessions = this.#db.deleteFrom('admin_session').where('user_id', '=', row.user_id);
      if (keepSession !== undefined) sessions = sessions.where('digest', '!=', keepSession);
      await sessions.execute();
    }
    return { ...row, ...set };
  }

  async loggedIn(row: UserRow): Promise<void> {
    await this.change(row, { last_login_at: this.#wallTime() });
  }

  /** Its sessions go with it. */
  async remove(row: UserRow): Promise<void> {
    await this.#db.deleteFrom('admin_user').where('user_id', '=', row.user_id).execute();
  }

  #fresh(by: string) {
    const own = { user_id: randomUUID(), enabled: 1, last_login_at: null };
    return { ...own, created_at: this.#wallTime(), created_by: by };
  }
}

/** Whether what is a tenant's is the caller's to see. */
export function isOwnOf(caller: AdminCaller, tenant: string): boolean {
  return caller.tenant === defaultTenant || caller.tenant === tenant;
}

/** Whose something new is to be. @throws TenantTooSmall */
export function tenantFor(caller: AdminCaller, asked: string | undefined): string {
  const tenant = asked ?? caller.tenant;
  if (!isOwnOf(caller, tenant)) throw sluiceError('TenantTooSmall');
  return tenant;
}
