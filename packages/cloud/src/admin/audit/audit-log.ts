import type { AuditEntry } from '@sluice/protocol';
import { auditHash, firstPreviousHash } from '@sluice/protocol/schemas';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../../database/database.ts';
import { type AuditTables, migrations } from './tables.ts';

/** What happened; the log adds when, its place and the hashes. */
export type AuditEvent = Omit<AuditEntry, 'Seq' | 'Time' | 'PreviousHash' | 'Hash'>;

export interface AuditFilter {
  tenant?: string | undefined;
  user?: string | undefined;
  /** What the action begins with. */
  action?: string | undefined;
  /** ms since 1970, the first and the first no more. */
  from?: number | undefined;
  to?: number | undefined;
  newestFirst: boolean;
  after: number | undefined;
  limit: number;
}

type Row = AuditTables['admin_audit'];

/** Any number that no other lock has: clouds take turns at the end of the chain. */
const chainLock = 7_680_003;

/** All changes through the admin API, each hashed together with those before. */
export class AuditLog {
  readonly #db: Kysely<AuditTables>;
  readonly #shared: boolean;
  readonly #wallTime: () => number;

  private constructor(db: Kysely<AuditTables>, shared: boolean, wallTime: () => number) {
    this.#db = db;
    this.#shared = shared;
    this.#wallTime = wallTime;
  }

  /** @throws as `Database.tables` */
  static async open(database: Database, wallTime: () => number): Promise<AuditLog> {
    const db = await database.tables<AuditTables>({ name: 'audit', migrations });
    return new AuditLog(db, database.shared, wallTime);
  }

  append(event: AuditEvent): Promise<AuditEntry> {
    return this.#db.transaction().execute(async (tx) => {
      if (this.#shared) await sql`SELECT pg_advisory_xact_lock(${chainLock})`.execute(tx);
      const last = await tx
        .selectFrom('admin_audit')
        .select(['seq', 'hash'])
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      const at = Math.floor(this.#wallTime());
      const unhashed = {
        ...{ ...event, Seq: (last?.seq ?? 0) + 1, Time: new Date(at).toISOString() },
        PreviousHash: last?.hash ?? firstPreviousHash,
      };
      const entry = { ...unhashed, Hash: auditHash(unhashed) };
      await tx.insertInto('admin_audit').values(rowOf(entry, at)).execute();
      return entry;
    });
  }

  async list(filter: AuditFilter): Promise<AuditEntry[]> {
    const { tenant, user, action, from, to, newestFirst, after, limit } = filter;
    let query = this.#db.selectFrom('admin_audit').selectAll();
    if (tenant !== undefined) query = query.where('tenant', '=', tenant);
    if (user !== undefined) query = query.where('user_name', '=', user);
    if (action !== undefined) {
      query = query.where(sql`substr(action, 1, ${action.length})`, '=', action);
    }
    if (from !== undefined) query = query.where('at', '>=', from);
    if (to !== undefined) query = query.where('at', '<', to);
    if (after !== undefined) query = query.where('seq', newestFirst ? '<' : '>', after);
    const rows = await query
      .orderBy('seq', newestFirst ? 'desc' : 'asc')
      .limit(limit)
      .execute();
    return rows.map(entryOf);
  }
}

function rowOf(entry: AuditEntry, at: number): Row {
  return {
    ...{ seq: entry.Seq, at, user_name: entry.User, role: entry.Role, tenant: entry.Tenant },
    ...{ address: entry.Address, action: entry.Action, target: entry.Target },
    ...{ detail: entry.Detail, status: entry.Status, error: entry.Error },
    ...{ previous_hash: entry.PreviousHash, hash: entry.Hash },
  };
}

function entryOf(row: Row): AuditEntry {
  return {
    ...{ Seq: row.seq, Time: new Date(row.at).toISOString(), User: row.user_name, Role: row.role },
    ...{ Tenant: row.tenant, Address: row.address, Action: row.action, Target: row.target },
    ...{ Detail: row.detail, Status: row.status, Error: row.error },
    ...{ PreviousHash: row.previous_hash, Hash: row.hash },
  };
}
