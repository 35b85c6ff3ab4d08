import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Times are ms since 1970. */
export interface IdentityTables {
  /** Secrets that all clouds of one database share. */
  identity_key: {
    key_id: string;
    /** `cloud`: its name; `session`: signs tokens; `peer:<tenant>`: by it the tenant's devices know each other. */
    kind: string;
    secret: string;
    created_at: number;
    /** A device that has it was revoked: it proves nothing any more. */
    withdrawn: number;
  };
  enrolment: {
    enrolment_id: string;
    /** SHA-256 of the secret in the token. */
    digest: string;
    tenant: string;
    group_id: string | null;
    uses_left: number;
    created_at: number;
    expires_at: number;
    revoked_at: number | null;
  };
  enrolled_device: {
    device_id: string;
    tenant: string;
    group_id: string | null;
    /** Raw Ed25519, base64url. */
    public_key: string;
    enrolment_id: string;
    enrolled_at: number;
    /** Since when it has this key. */
    key_since: number;
    /** Its last session. */
    seen_at: number;
    revoked_at: number | null;
  };
  /** Whose the peer ids are. */
  device_peer: { peer_id: string; device_id: string; seen_at: number };
  /** For whom a content was published; without a row it is for all. */
  content_tenant: { content_id: string; tenant: string };
  /** Signed requests that were taken, as long as they could be repeated. */
  identity_nonce: { device_id: string; nonce: string; expires_at: number };
}

/** The steps from nothing to today's tables. A step that shipped never changes. */
export const migrations: Record<string, Migration> = {
  '0001-identity': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('identity_key')
        .addColumn('key_id', 'text', (c) => c.primaryKey())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('secret', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('withdrawn', 'integer', (c) => c.notNull())
        .execute();
      await db.schema
        .createTable('enrolment')
        .addColumn('enrolment_id', 'text', (c) => c.primaryKey())
        .addColumn('digest', 'text', (c) => c.notNull().unique())
        .addColumn('tenant', 'text', (c) => c.notNull())
        .addColumn('group_id', 'text')
        .addColumn('uses_left', 'integer', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .addColumn('revoked_at', 'bigint')
        .execute();
      await db.schema
        .createTable('enrolled_device')
        .addColumn('device_id', 'text', (c) => c.primaryKey())
        .addColumn('tenant', 'text', (c) => c.notNull())
        .addColumn('group_id', 'text')
        .addColumn('public_key', 'text', (c) => c.notNull().unique())
        .addColumn('enrolment_id', 'text', (c) => c.notNull())
        .addColumn('enrolled_at', 'bigint', (c) => c.notNull())
        .addColumn('key_since', 'bigint', (c) => c.notNull())
        .addColumn('seen_at', 'bigint', (c) => c.notNull())
        .addColumn('revoked_at', 'bigint')
        .execute();
      await db.schema
        .createIndex('device_by_revocation')
        .on('enrolled_device')
        .column('revoked_at')
        .execute();
      await db.schema
        .createTable('device_peer')
        .addColumn('peer_id', 'text', (c) => c.primaryKey())
        .addColumn('device_id', 'text', (c) => c.notNull())
        .addColumn('seen_at', 'bigint', (c) => c.notNull())
        .execute();
      await db.schema
        .createIndex('device_peer_by_device')
        .on('device_peer')
        .column('device_id')
        .execute();
      await db.schema
        .createTable('content_tenant')
        .addColumn('content_id', 'text', (c) => c.notNull())
        .addColumn('tenant', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('content_tenant_key', ['content_id', 'tenant'])
        .execute();
      await db.schema
        .createTable('identity_nonce')
        .addColumn('device_id', 'text', (c) => c.notNull())
        .addColumn('nonce', 'text', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('identity_nonce_key', ['device_id', 'nonce'])
        .execute();
    },
  },
};
