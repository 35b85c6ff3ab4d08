import type { HashStatement } from '@sluice/protocol';
import type { Kysely } from 'kysely';
import type { TableSet } from '../database/database.ts';

export interface HashLogTables {
  hash_log: {
    seq: number;
    /** ms since 1970 */
    at: number;
    url: string;
    validator: string | null;
    hash_of_hashes: string;
    content_length: number;
    piece_size: number;
    origin: HashStatement['Origin'];
    /** Of URL and validator: an index of PostgreSQL has no room for a long URL. */
    state_key: string;
    digest: string;
  };
}

export const hashLogTables: TableSet = {
  name: 'hash-log',
  migrations: {
    '0001-hash-log': {
      async up(db: Kysely<unknown>) {
        await db.schema
          .createTable('hash_log')
          .addColumn('seq', 'bigint', (c) => c.primaryKey())
          .addColumn('at', 'bigint', (c) => c.notNull())
          .addColumn('url', 'text', (c) => c.notNull())
          .addColumn('validator', 'text')
          .addColumn('hash_of_hashes', 'text', (c) => c.notNull())
          .addColumn('content_length', 'bigint', (c) => c.notNull())
          .addColumn('piece_size', 'integer', (c) => c.notNull())
          .addColumn('origin', 'text', (c) => c.notNull())
          .addColumn('state_key', 'text', (c) => c.notNull())
          .addColumn('digest', 'text', (c) => c.notNull())
          .execute();
        await db.schema
          .createIndex('hash_log_by_state')
          .on('hash_log')
          .column('state_key')
          .execute();
      },
    },
  },
};
