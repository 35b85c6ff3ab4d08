import { createHash } from 'node:crypto';
import { type IngestState, type IngestView, sluiceError } from '@sluice/protocol';
import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../database/database.ts';
import { type IngestTables, ingestTables } from './tables.ts';

/** Jobs that are not at their end, at the most: more would be somebody who makes up URLs. */
const maxOpen = 10_000;
/** A cloud that has not said so long that it is at it is dead, ms. */
export const leaseMs = 60_000;
/** What was taken in is compared with its source again after so long, when somebody asks for it, ms. */
const checkAgainMs = 900_000;

export type IngestRow = Selectable<IngestTables['ingest_job']>;

/** What a run found. */
export type IngestFindings = Pick<
  IngestRow,
  'content_id' | 'validator' | 'content_length' | 'sha256' | 'sha512'
>;

/** The hashing jobs of all clouds on one database: one for a URL, run by one cloud at a time. */
export class IngestJobs {
  readonly #db: Kysely<IngestTables>;
  readonly #wallTime: () => number;

  constructor(db: Kysely<IngestTables>, wallTime: () => number) {
    this.#db = db;
    this.#wallTime = wallTime;
  }

  /** @throws as `Database.tables` */
  static async open(database: Database, wallTime: () => number): Promise<IngestJobs> {
    return new IngestJobs(await database.tables<IngestTables>(ingestTables), wallTime);
  }

  /** Looked at again when it is time to. @returns whether there is something to do now */
  async wantAgain(url: string): Promise<boolean> {
    const changed = await this.#db
      .updateTable('ingest_job')
      .set({ state: 'Waiting', lease: null })
      .where('id', '=', idOf(url))
      .where('state', 'in', ['Done', 'Failed'])
      .where('next_at', '<=', this.#now())
      .executeTakeFirst();
    return changed.numUpdatedRows > 0n;
  }

  /**
   * Somebody wants this URL: queued unless it is, or has failed lately, or was looked at lately.
   * @returns whether there is something to do now. @throws TooManyRequests: the queue is full
   */
  async want(url: string): Promise<boolean> {
    const now = this.#now();
    if (await this.wantAgain(url)) return true;
    if (await this.find(url)) return false;
    if ((await this.count('Waiting')) >= maxOpen) throw sluiceError('TooManyRequests');
    const nothing = { lease: null, lease_until: null, ended_at: null, error: null };
    const unknown = { content_id: null, validator: null, content_length: null };
    const made = await this.#db
      .insertInto('ingest_job')
      .values({
        ...{ id: idOf(url), url, state: 'Waiting', tries: 0, next_at: now, added_at: now },
        ...{ ...nothing, ...unknown, sha256: null, sha512: null },
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst();
    return made.numInsertedOrUpdatedRows === 1n;
  }

  async find(url: string): Promise<IngestRow | undefined> {
    return await this.#db
      .selectFrom('ingest_job')
      .selectAll()
      .where('id', '=', idOf(url))
      .executeTakeFirst();
  }

  /** Takes the job that waits longest, or one whose cloud has died. @param lease nobody else's */
  async claim(lease: string): Promise<IngestRow | undefined> {
    const now = this.#now();
    for (const [state, due] of [
      ['Waiting', 'next_at'],
      ['Running', 'lease_until'],
    ] as const) {
      const next = this.#db
        .selectFrom('ingest_job')
        .select('id')
        .where('state', '=', state)
        .where(due, '<=', now)
        .orderBy(due)
        .limit(1);
      const taken = await this.#db
        .updateTable('ingest_job')
        .set({ state: 'Running', lease, lease_until: now + leaseMs })
        .where('id', '=', next)
        // Once more: of two clouds that found the same one the second waits for the first, and then sees this.
        .where('state', '=', state)
        .where(due, '<=', now)
        .returningAll()
        .executeTakeFirst();
      if (taken) return taken;
    }
    return undefined;
  }

  /** @returns false when it is no longer ours: somebody removed it, or took us for dead */
  renew(id: string, lease: string): Promise<boolean> {
    return this.#change(id, lease, { lease_until: this.#now() + leaseMs });
  }

  done(id: string, lease: string, found: IngestFindings): Promise<boolean> {
    const now = this.#now();
    return this.#change(id, lease, {
      ...{ ...found, state: 'Done', lease: null, lease_until: null, tries: 0, error: null },
      ...{ ended_at: now, next_at: now + checkAgainMs },
    });
  }

  /** @param retryInMs until it may be tried again. @param isFinal only when somebody asks for it then */
  failed(row: IngestRow, error: string, retryInMs: number, isFinal: boolean): Promise<boolean> {
    const now = this.#now();
    return this.#change(row.id, row.lease ?? '', {
      ...{ state: isFinal ? 'Failed' : 'Waiting', lease: null, lease_until: null, error },
      ...{ tries: row.tries + 1, ended_at: now, next_at: now + Math.round(retryInMs) },
    });
  }

  /** Of a cloud that ends: another one may have it at once. */
  giveBack(id: string, lease: string): Promise<boolean> {
    return this.#change(id, lease, { state: 'Waiting', lease: null, lease_until: null });
  }

  /** Whatever became of it, it is done again, now. @throws NoSuchResource */
  async retry(id: string): Promise<void> {
    const changed = await this.#db
      .updateTable('ingest_job')
      .set({ state: 'Waiting', tries: 0, next_at: this.#now(), error: null, validator: null })
      .where('id', '=', id)
      .where('state', '!=', 'Running')
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) throw sluiceError('NoSuchResource');
  }

  /** It is forgotten, and given up where it runs; what was published stays. @throws NoSuchResource */
  async remove(id: string): Promise<void> {
    const gone = await this.#db.deleteFrom('ingest_job').where('id', '=', id).executeTakeFirst();
    if (gone.numDeletedRows === 0n) throw sluiceError('NoSuchResource');
  }

  async list(page: {
    after: string;
    limit: number;
    state: IngestState | undefined;
  }): Promise<IngestView[]> {
    let query = this.#db.selectFrom('ingest_job').selectAll().where('id', '>', page.after);
    if (page.state) query = query.where('state', '=', page.state);
    return (await query.orderBy('id').limit(page.limit).execute()).map(view);
  }

  async count(state: IngestState): Promise<number> {
    const { n } = await this.#db
      .selectFrom('ingest_job')
      .select((e) => e.fn.countAll<number>().as('n'))
      .where('state', '=', state)
      .executeTakeFirstOrThrow();
    return Number(n);
  }

  async #change(id: string, lease: string, set: Partial<IngestRow>): Promise<boolean> {
    const changed = await this.#db
      .updateTable('ingest_job')
      .set(set)
      .where('id', '=', id)
      .where('lease', '=', lease)
      .executeTakeFirst();
    return changed.numUpdatedRows > 0n;
  }

  #now(): number {
    return Math.round(this.#wallTime());
  }
}

function idOf(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 32);
}

function view(row: IngestRow): IngestView {
  const waits = row.state === 'Waiting' || row.state === 'Failed';
  return {
    ...{ Id: row.id, Url: row.url, State: row.state, Tries: row.tries },
    NextAt: waits ? new Date(row.next_at).toISOString() : null,
    ...{ ContentId: row.content_id, ContentLength: row.content_length },
    ...{ Validator: row.validator, Error: row.error },
  };
}
