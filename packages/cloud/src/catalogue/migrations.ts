import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The steps from nothing to today's tables, by name, in order. A step that shipped never changes. */
export const migrations: Record<string, Migration> = {
  '0001-content': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('content')
        .addColumn('content_id', 'text', (c) => c.primaryKey())
        .addColumn('hash_of_hashes', 'text', (c) => c.notNull())
        .addColumn('content_length', 'bigint', (c) => c.notNull())
        .addColumn('piece_size', 'integer', (c) => c.notNull())
        .addColumn('policies', 'text', (c) => c.notNull())
        .addColumn('phf', 'blob', (c) => c.notNull())
        .execute();
      await db.schema
        .createTable('content_url')
        .addColumn('url', 'text', (c) => c.primaryKey())
        .addColumn('content_id', 'text', (c) =>
          c.notNull().references('content.content_id').onDelete('cascade'),
        )
        .execute();
      await db.schema
        .createIndex('content_url_by_content')
        .on('content_url')
        .column('content_id')
        .execute();
    },
  },
  '0002-signature': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('content').addColumn('signature', 'text').execute();
    },
  },
};
