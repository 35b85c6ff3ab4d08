import type { PreheatJobState } from '@sluice/protocol';
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Times are ms since 1970; what is a list or an object is JSON. */
export interface CacheNodeTables {
  cache_node: {
    name: string;
    node_id: string;
    cidrs: string;
    max_egress_mbps: number | null;
    enabled: number;
    drives: string;
    /** SHA-256 of the key that registers it, until it was used. */
    registration_key: string | null;
    /** SHA-256 of the key that proves who it is. */
    node_key: string | null;
    heartbeat_at: number | null;
    /** `host[:port]` for devices. */
    public_host: string | null;
    /** What it said last. */
    heartbeat: string | null;
  };
  preheat_job: {
    job_id: string;
    node_name: string;
    urls: string;
    /** Bytes a second. */
    rate: number | null;
    /** When it is handed out next. */
    next_at: number;
    every_ms: number | null;
    state: PreheatJobState;
    /** Counts its runs, each of which the node knows by another id. */
    run: number;
    /** When the node was last heard of it. */
    heard_at: number | null;
    results: string | null;
  };
}

/** The steps from nothing to today's tables. A step that shipped never changes. */
export const migrations: Record<string, Migration> = {
  '0001-cache-nodes': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('cache_node')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('node_id', 'text', (c) => c.notNull().unique())
        .addColumn('cidrs', 'text', (c) => c.notNull())
        .addColumn('max_egress_mbps', 'integer')
        .addColumn('enabled', 'integer', (c) => c.notNull())
        .addColumn('drives', 'text', (c) => c.notNull())
        .addColumn('registration_key', 'text')
        .addColumn('node_key', 'text')
        .addColumn('heartbeat_at', 'bigint')
        .addColumn('public_host', 'text')
        .addColumn('heartbeat', 'text')
        .execute();
      await db.schema
        .createTable('preheat_job')
        .addColumn('job_id', 'text', (c) => c.primaryKey())
        .addColumn('node_name', 'text', (c) =>
          c.notNull().references('cache_node.name').onDelete('cascade'),
        )
        .addColumn('urls', 'text', (c) => c.notNull())
        .addColumn('rate', 'bigint')
        .addColumn('next_at', 'bigint', (c) => c.notNull())
        .addColumn('every_ms', 'bigint')
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('run', 'integer', (c) => c.notNull())
        .addColumn('heard_at', 'bigint')
        .addColumn('results', 'text')
        .execute();
      await db.schema
        .createIndex('preheat_job_by_node')
        .on('preheat_job')
        .column('node_name')
        .execute();
    },
  },
};
