import { randomUUID } from 'node:crypto';
import { type EnrolmentView, sluiceError } from '@sluice/protocol';
import type { Kysely } from 'kysely';
import { digestOf, newKey } from '../cache-nodes/node-keys.ts';
import type { IdentityTables } from './tables.ts';

type Row = IdentityTables['enrolment'];

/** What devices that enrol with a token become. */
export interface EnrolmentTerms {
  tenant: string;
  groupId: string | null;
  uses: number;
  /** ms since 1970 */
  expiresAt: number;
}

/** Rows of a list, after an id. */
export interface Page {
  after: string;
  limit: number;
  /** Undefined: of all. */
  tenant: string | undefined;
}

/** The tokens with which devices enrol. */
export class Enrolments {
  readonly #db: Kysely<IdentityTables>;
  readonly #wallTime: () => number;

  constructor(db: Kysely<IdentityTables>, wallTime: () => number) {
    this.#db = db;
    this.#wallTime = wallTime;
  }

  /** @returns the secret of the token, which is not kept. */
  async create(terms: EnrolmentTerms): Promise<{ secret: string; view: EnrolmentView }> {
    const secret = newKey();
    const row: Row = {
      enrolment_id: randomUUID(),
      digest: digestOf(secret),
      tenant: terms.tenant,
      group_id: terms.groupId,
      uses_left: terms.uses,
      created_at: Math.round(this.#wallTime()),
      expires_at: Math.round(terms.expiresAt),
      revoked_at: null,
    };
    await this.#db.insertInto('enrolment').values(row).execute();
    return { secret, view: this.#view(row) };
  }

  async list({ after, limit, tenant }: Page): Promise<EnrolmentView[]> {
    const rows = await this.#db
      .selectFrom('enrolment')
      .selectAll()
      .where('enrolment_id', '>', after)
      .$if(tenant !== undefined, (q) => q.where('tenant', '=', tenant!))
      .orderBy('enrolment_id')
      .limit(limit)
      .execute();
    return rows.map((row) => this.#view(row));
  }

  /** The devices that came by it stay. @param tenant whose it must be. @throws NoSuchResource */
  async revoke(id: string, tenant: string | undefined): Promise<void> {
    const done = await this.#db
      .updateTable('enrolment')
      .set({ revoked_at: Math.round(this.#wallTime()) })
      .where('enrolment_id', '=', id)
      .$if(tenant !== undefined, (q) => q.where('tenant', '=', tenant!))
      .returning('enrolment_id')
      .executeTakeFirst();
    if (!done) throw sluiceError('NoSuchResource');
  }

  /** The enrolment of a secret, whether it may be used still or not. */
  find(secret: string): Promise<Row | undefined> {
    return this.#db
      .selectFrom('enrolment')
      .selectAll()
      .where('digest', '=', digestOf(secret))
      .executeTakeFirst();
  }

  /** Takes one use of it. @throws EnrolmentRefused */
  async use(secret: string): Promise<Row> {
    // One statement: of two who come for the last use, one gets in.
    const row = await this.#db
      .updateTable('enrolment')
      .set((eb) => ({ uses_left: eb('uses_left', '-', 1) }))
      .where('digest', '=', digestOf(secret))
      .where('uses_left', '>', 0)
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', Math.round(this.#wallTime()))
      .returningAll()
      .executeTakeFirst();
    if (!row) throw sluiceError('EnrolmentRefused');
    return row;
  }

  #view(row: Row): EnrolmentView {
    return {
      Id: row.enrolment_id,
      Tenant: row.tenant,
      GroupId: row.group_id,
      UsesLeft: row.uses_left,
      CreatedAt: new Date(row.created_at).toISOString(),
      ExpiresAt: new Date(row.expires_at).toISOString(),
      State: this.#stateOf(row),
    };
  }

  #stateOf({ revoked_at, expires_at, uses_left }: Row): EnrolmentView['State'] {
    if (revoked_at !== null) return 'Revoked';
    if (expires_at <= this.#wallTime()) return 'Expired';
    return uses_left > 0 ? 'Valid' : 'UsedUp';
  }
}
