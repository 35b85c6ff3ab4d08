import { type HashListSignature, sluiceError } from '@sluice/protocol';
import { maxPolicyUrls } from '@sluice/protocol/schemas';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Catalogue, ContentRecord, Publication, PublishOutcome } from './catalogue.ts';
import { migrations } from './migrations.ts';
import type { CatalogueTables } from './tables.ts';

const recordColumns = [
  'content_id',
  'hash_of_hashes',
  'content_length',
  'piece_size',
  'policies',
  'signature',
] as const;
type ContentRow = Pick<CatalogueTables['content'], (typeof recordColumns)[number]>;

/** Whoever publishes in a shared database waits for this lock. */
const publishLock = 0x51d1ce;

/** The catalogue in a database, in queries that SQLite and PostgreSQL both speak. */
export class KyselyCatalogue implements Catalogue {
  readonly #db: Kysely<CatalogueTables>;
  readonly #shared: boolean;

  private constructor(db: Kysely<CatalogueTables>, shared: boolean) {
    this.#db = db;
    this.#shared = shared;
  }

  /** @throws as `Database.tables` */
  static async open(database: Database): Promise<KyselyCatalogue> {
    const db = await database.tables<CatalogueTables>({ name: 'catalogue', migrations });
    return new KyselyCatalogue(db, database.shared);
  }

  publish(publication: Publication): Promise<PublishOutcome> {
    return this.#db.transaction().execute(async (tx) => {
      // Two that move URLs between them would deadlock.
      if (this.#shared) await sql`SELECT pg_advisory_xact_lock(${publishLock})`.execute(tx);
      const before = await tx
        .selectFrom('content')
        .select('hash_of_hashes')
        .where('content_id', '=', publication.contentId)
        .executeTakeFirst();
      await putContent(tx, publication);
      if (before && before.hash_of_hashes !== publication.hashOfHashes) {
        await tx
          .deleteFrom('content_url')
          .where('content_id', '=', publication.contentId)
          .execute();
      }
      const moved = await putUrls(tx, publication);
      const urls = await urlsOf(tx, publication.contentId);
      if (urls.length > maxPolicyUrls) {
        const detail = `the content would have ${urls.length} URLs, the limit is ${maxPolicyUrls}`;
        throw sluiceError('RequestInvalid', { detail });
      }
      return { created: !before, urls, moved };
    });
  }

  async signAgain(known: ContentRecord, signature: HashListSignature): Promise<void> {
    await this.#db
      .updateTable('content')
      .set({ signature: signatureText(signature) })
      .where('content_id', '=', known.contentId)
      .where('hash_of_hashes', '=', known.hashOfHashes)
      .where('signature', 'is not distinct from', signatureText(known.signature))
      .execute();
  }

  async byId(contentId: string): Promise<ContentRecord | undefined> {
    const row = await this.#db
      .selectFrom('content')
      .select(recordColumns)
      .where('content_id', '=', contentId)
      .executeTakeFirst();
    return row && record(row, await urlsOf(this.#db, contentId));
  }

  async byUrl(url: string): Promise<ContentRecord | undefined> {
    const row = await this.#db
      .selectFrom('content_url')
      .select('content_id')
      .where('url', '=', url)
      .executeTakeFirst();
    return row && (await this.byId(row.content_id));
  }

  async piecesHashFile(contentId: string) {
    const row = await this.#db
      .selectFrom('content')
      .select(['hash_of_hashes', 'phf'])
      .where('content_id', '=', contentId)
      .executeTakeFirst();
    return row && { hashOfHashes: row.hash_of_hashes, phf: row.phf };
  }

  async list(page: { after: string | undefined; limit: number }): Promise<ContentRecord[]> {
    let query = this.#db.selectFrom('content').select(recordColumns);
    if (page.after !== undefined) query = query.where('content_id', '>', page.after);
    const rows = await query.orderBy('content_id').limit(page.limit).execute();
    const urls = await urlsByContent(
      this.#db,
      rows.map((row) => row.content_id),
    );
    return rows.map((row) => record(row, urls.get(row.content_id) ?? []));
  }

  async remove(contentId: string): Promise<boolean> {
    const result = await this.#db
      .deleteFrom('content')
      .where('content_id', '=', contentId)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }
}

function signatureText(signature: HashListSignature | undefined): string | null {
  return signature ? JSON.stringify(signature) : null;
}

async function putContent(tx: Transaction<CatalogueTables>, p: Publication): Promise<void> {
  const facts = {
    hash_of_hashes: p.hashOfHashes,
    content_length: p.contentLength,
    piece_size: p.pieceSize,
    policies: JSON.stringify(p.policies),
    signature: signatureText(p.signature),
    phf: p.phf,
  };
  await tx
    .insertInto('content')
    .values({ content_id: p.contentId, ...facts })
    .onConflict((conflict) => conflict.column('content_id').doUpdateSet(facts))
    .execute();
}

/** Makes the URLs those of the content. @returns which were another's. */
async function putUrls(tx: Transaction<CatalogueTables>, p: Publication) {
  const taken = await tx
    .selectFrom('content_url')
    .select(['url', 'content_id'])
    .where('url', 'in', p.urls)
    .where('content_id', '!=', p.contentId)
    .orderBy('url')
    .execute();
  await tx
    .insertInto('content_url')
    .values(p.urls.map((url) => ({ url, content_id: p.contentId })))
    .onConflict((conflict) => conflict.column('url').doUpdateSet({ content_id: p.contentId }))
    .execute();
  return taken.map((row) => ({ url: row.url, fromContentId: row.content_id }));
}

async function urlsOf(db: Kysely<CatalogueTables>, contentId: string): Promise<string[]> {
  return (await urlsByContent(db, [contentId])).get(contentId) ?? [];
}

async function urlsByContent(
  db: Kysely<CatalogueTables>,
  contentIds: string[],
): Promise<Map<string, string[]>> {
  if (contentIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('content_url')
    .select(['url', 'content_id'])
    .where('content_id', 'in', contentIds)
    .orderBy('url')
    .execute();
  const grouped = Map.groupBy(rows, (row) => row.content_id);
  return new Map([...grouped].map(([id, urls]) => [id, urls.map((row) => row.url)]));
}

function record(row: ContentRow, urls: string[]): ContentRecord {
  return {
    contentId: row.content_id,
    hashOfHashes: row.hash_of_hashes,
    contentLength: row.content_length,
    pieceSize: row.piece_size,
    urls,
    policies: JSON.parse(row.policies),
    ...(row.signature !== null && { signature: JSON.parse(row.signature) }),
  };
}
