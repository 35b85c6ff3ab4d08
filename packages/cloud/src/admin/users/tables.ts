import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { AdminRole } from '../access/caller.ts';

/** Who may use the admin API. Times are ms since 1970. */
export interface AdminTables {
  admin_user: {
    user_id: string;
    /** Of all tenants together: a name is all that is typed at the login. */
    name: string;
    /** As people know who comes from an identity provider. */
    display_name: string | null;
    tenant: string;
    role: AdminRole;
    /** As `hashPassword` makes it; null for who comes from an identity provider. */
    password: string | null;
    enabled: number;
    created_at: number;
    created_by: string;
    last_login_at: number | null;
  };
  admin_session: {
    /** SHA-256 of the cookie: who reads the table cannot become anybody. */
    digest: string;
    user_id: string;
    seen_at: number;
    /** However busy it is. */
    expires_at: number;
  };
  admin_token: {
    name: string;
    /** SHA-256 of the token. */
    digest: string;
    tenant: string;
    role: AdminRole;
    created_at: number;
    created_by: string;
    expires_at: number | null;
    last_used_at: number | null;
  };
  admin_attempt: {
    /** SHA-256 of a name or an address: what is typed as a name may be a password. */
    subject: string;
    attempts: number;
    since: number;
  };
}

/** The steps from nothing to today's tables. A step that shipped never changes. */
export const migrations: Record<string, Migration> = {
  '0001-admin-users': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('admin_user')
        .addColumn('user_id', 'text', (c) => c.primaryKey())
        .addColumn('name', 'text', (c) => c.notNull().unique())
        .addColumn('display_name', 'text')
        .addColumn('tenant', 'text', (c) => c.notNull())
        .addColumn('role', 'text', (c) => c.notNull())
        .addColumn('password', 'text')
        .addColumn('enabled', 'integer', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('created_by', 'text', (c) => c.notNull())
        .addColumn('last_login_at', 'bigint')
        .execute();
      await db.schema
        .createTable('admin_session')
        .addColumn('digest', 'text', (c) => c.primaryKey())
        .addColumn('user_id', 'text', (c) =>
          c.notNull().references('admin_user.user_id').onDelete('cascade'),
        )
        .addColumn('seen_at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .execute();
      await db.schema
        .createIndex('admin_session_by_user')
        .on('admin_session')
        .column('user_id')
        .execute();
      await db.schema
        .createTable('admin_token')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('digest', 'text', (c) => c.notNull().unique())
        .addColumn('tenant', 'text', (c) => c.notNull())
        .addColumn('role', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('created_by', 'text', (c) => c.notNull())
        .addColumn('expires_at', 'bigint')
        .addColumn('last_used_at', 'bigint')
        .execute();
      await db.schema
        .createTable('admin_attempt')
        .addColumn('subject', 'text', (c) => c.primaryKey())
        .addColumn('attempts', 'integer', (c) => c.notNull())
        .addColumn('since', 'bigint', (c) => c.notNull())
        .execute();
    },
  },
};
