import { createHash } from 'node:crypto';
import {
  type HashStatement,
  hashLogStart,
  hashStatementDigest,
  type LoggedStatement,
  sluiceError,
} from '@sluice/protocol';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Alarms } from '../alarms/alarms.ts';
import type { Database } from '../database/database.ts';
import { type HashLogTables, hashLogTables } from './tables.ts';

/** Whoever appends in a shared database waits for this lock: an entry is chained to the one before. */
const appendLock = 0x51d1cf;

/** What somebody says of a URL. */
export type NewStatement = Omit<HashStatement, 'Seq' | 'At'>;

type Row = Selectable<HashLogTables['hash_log']>;

/**
 * All that was ever said of URLs and their hash lists: append-only, each entry chained to the one before.
 * What is said of a state of an object (URL and validator) stands: who says otherwise is refused, and an alarm is raised.
 */
export class HashLog {
  readonly #db: Kysely<HashLogTables>;
  readonly #shared: boolean;
  readonly #alarms: Alarms;
  readonly #wallTime: () => number;

  constructor(
    db: Kysely<HashLogTables>,
    of: { shared: boolean; alarms: Alarms; wallTime: () => number },
  ) {
    this.#db = db;
    this.#shared = of.shared;
    this.#alarms = of.alarms;
    this.#wallTime = of.wallTime;
  }

  /** @throws as `Database.tables` */
  static async open(
    database: Database,
    of: { alarms: Alarms; wallTime: () => number },
  ): Promise<HashLog> {
    const db = await database.tables<HashLogTables>(hashLogTables);
    return new HashLog(db, { ...of, shared: database.shared });
  }

  /**
   * Enters all statements or none. What is known already is not entered again.
   * @throws HashConflict when the same state has another hash, after an alarm
   */
  async append(statements: readonly NewStatement[]): Promise<void> {
    const conflict = await this.#db.transaction().execute(async (tx) => {
      if (this.#shared) await sql`SELECT pg_advisory_xact_lock(${appendLock})`.execute(tx);
      const fresh: NewStatement[] = [];
      for (const statement of statements) {
        const known = await lastOf(tx, statement);
        if (known?.hash_of_hashes === statement.HashOfHashes) continue;
        if (known && statement.Validator !== null) return { statement, known };
        fresh.push(statement);
      }
      await this.#enter(tx, fresh);
      return undefined;
    });
    if (!conflict) return;
    const { statement, known } = conflict;
    const { Url, Validator, HashOfHashes, Origin } = statement;
    const detail = `${Validator}: ${known.hash_of_hashes} since entry ${known.seq}, ${HashOfHashes} by ${Origin}`;
    await this.#alarms.raise('HashConflict', Url, detail);
    throw sluiceError('HashConflict', { url: Url, validator: Validator ?? '' });
  }

  /** Entries in their order, or the newest first; beginning behind `after`, undefined: with the first. */
  async list({
    after,
    limit,
    newestFirst = false,
  }: {
    after: number | undefined;
    limit: number;
    newestFirst?: boolean;
  }): Promise<LoggedStatement[]> {
    let query = this.#db.selectFrom('hash_log').selectAll();
    if (after !== undefined) query = query.where('seq', newestFirst ? '<' : '>', after);
    const rows = await query
      .orderBy('seq', newestFirst ? 'desc' : 'asc')
      .limit(limit)
      .execute();
    return rows.map(logged);
  }

  async #enter(tx: Transaction<HashLogTables>, fresh: NewStatement[]): Promise<void> {
    if (fresh.length === 0) return;
    const last = await tx
      .selectFrom('hash_log')
      .select(['seq', 'digest'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    let { seq, digest } = last ?? { seq: 0, digest: hashLogStart };
    const at = Math.round(this.#wallTime());
    const rows = fresh.map((said): Row => {
      const entry = { ...said, Seq: ++seq, At: at };
      digest = hashStatementDigest(digest, entry);
      return {
        ...{ seq, at, url: said.Url, validator: said.Validator, origin: said.Origin, digest },
        hash_of_hashes: said.HashOfHashes,
        content_length: said.ContentLength,
        piece_size: said.PieceSize,
        state_key: stateKey(said),
      };
    });
    await tx.insertInto('hash_log').values(rows).execute();
  }
}

function lastOf(tx: Transaction<HashLogTables>, statement: NewStatement) {
  return tx
    .selectFrom('hash_log')
    .select(['seq', 'hash_of_hashes'])
    .where('state_key', '=', stateKey(statement))
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
}

function stateKey({ Url, Validator }: Pick<NewStatement, 'Url' | 'Validator'>): string {
  const text = JSON.stringify([Url, Validator]);
  return createHash('sha256').update(text).digest('base64url');
}

function logged(row: Row): LoggedStatement {
  return {
    ...{ Seq: row.seq, At: row.at, Url: row.url, Validator: row.validator },
    HashOfHashes: row.hash_of_hashes,
    ContentLength: row.content_length,
    PieceSize: row.piece_size,
    Origin: row.origin,
    Digest: row.digest,
  };
}
