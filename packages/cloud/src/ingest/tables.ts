import type { IngestState } from '@sluice/protocol';
import type { Kysely } from 'kysely';
import type { TableSet } from '../database/database.ts';

/** Times are ms since 1970. */
export interface IngestTables {
  ingest_job: {
    /** Of the URL: an index of PostgreSQL has no room for a long one. */
    id: string;
    url: string;
    state: IngestState;
    /** In a row that failed. */
    tries: number;
    /** Not before. */
    next_at: number;
    /** Who runs it, and until when nobody else may. */
    lease: string | null;
    lease_until: number | null;
    added_at: number;
    ended_at: number | null;
    /** What the last run that came through found. */
    content_id: string | null;
    validator: string | null;
    content_length: number | null;
    /** Of the whole object, hex. */
    sha256: string | null;
    sha512: string | null;
    error: string | null;
  };
}

export const ingestTables: TableSet = {
  name: 'ingest',
  migrations: {
    '0001-ingest': {
      async up(db: Kysely<unknown>) {
        await db.schema
          .createTable('ingest_job')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('url', 'text', (c) => c.notNull())
          .addColumn('state', 'text', (c) => c.notNull())
          .addColumn('tries', 'integer', (c) => c.notNull())
          .addColumn('next_at', 'bigint', (c) => c.notNull())
          .addColumn('lease', 'text')
          .addColumn('lease_until', 'bigint')
          .addColumn('added_at', 'bigint', (c) => c.notNull())
          .addColumn('ended_at', 'bigint')
          .addColumn('content_id', 'text')
          .addColumn('validator', 'text')
          .addColumn('content_length', 'bigint')
          .addColumn('sha256', 'text')
          .addColumn('sha512', 'text')
          .addColumn('error', 'text')
          .execute();
        await db.schema
          .createIndex('ingest_job_due')
          .on('ingest_job')
          .columns(['state', 'next_at'])
          .execute();
      },
    },
  },
};
