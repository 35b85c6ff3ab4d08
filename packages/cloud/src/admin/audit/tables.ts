import { type Kysely, PostgresAdapter, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** As `AuditEntry` of the protocol has it; times are ms since 1970. */
export interface AuditTables {
  admin_audit: {
    seq: number;
    at: number;
    user_name: string;
    role: string | null;
    tenant: string;
    address: string;
    action: string;
    target: string;
    detail: string;
    status: number;
    error: string | null;
    previous_hash: string;
    hash: string;
  };
}

/** The steps from nothing to today's tables. A step that shipped never changes. */
export const migrations: Record<string, Migration> = {
  '0001-admin-audit': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('admin_audit')
        .addColumn('seq', 'bigint', (c) => c.primaryKey())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('user_name', 'text', (c) => c.notNull())
        .addColumn('role', 'text')
        .addColumn('tenant', 'text', (c) => c.notNull())
        .addColumn('address', 'text', (c) => c.notNull())
        .addColumn('action', 'text', (c) => c.notNull())
        .addColumn('target', 'text', (c) => c.notNull())
        .addColumn('detail', 'text', (c) => c.notNull())
        .addColumn('status', 'integer', (c) => c.notNull())
        .addColumn('error', 'text')
        .addColumn('previous_hash', 'text', (c) => c.notNull())
        .addColumn('hash', 'text', (c) => c.notNull())
        .execute();
      for (const column of ['user_name', 'tenant'] as const) {
        await db.schema
          .createIndex(`admin_audit_by_${column}`)
          .on('admin_audit')
          .columns([column, 'seq'])
          .execute();
      }
      // Against a slip of the hand; what a database's owner may undo, the chain of hashes shows.
      if (db.getExecutor().adapter instanceof PostgresAdapter) await appendOnlyPostgres(db);
      else await appendOnlySqlite(db);
    },
  },
};

async function appendOnlyPostgres(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE FUNCTION admin_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'admin_audit is append-only'; END $$`.execute(db);
  await sql`CREATE TRIGGER admin_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON admin_audit FOR EACH STATEMENT EXECUTE FUNCTION admin_audit_append_only()`.execute(db);
}

async function appendOnlySqlite(db: Kysely<unknown>): Promise<void> {
  for (const what of ['UPDATE', 'DELETE']) {
    await sql`CREATE TRIGGER ${sql.raw(`admin_audit_no_${what.toLowerCase()}`)}
      BEFORE ${sql.raw(what)} ON admin_audit
      BEGIN SELECT RAISE(ABORT, 'admin_audit is append-only'); END`.execute(db);
  }
}
