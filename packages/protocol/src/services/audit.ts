import { createHash } from 'node:crypto';
import Type from 'typebox';
import { Count } from './fields.ts';
import { replyParser } from './reply-parser.ts';

/** Entries of one page at the most. */
export const maxAuditPage = 500;

const Text = Type.String({ maxLength: 1024 });
const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** One change through the admin API, or an attempt at it. */
const AuditEntrySchema = Type.Object({
  /** 1, 2, 3, … without gaps. */
  Seq: Count,
  /** ISO 8601. */
  Time: Text,
  User: Text,
  /** Null: nobody was logged in. */
  Role: Type.Union([Text, Type.Null()]),
  Tenant: Text,
  /** The caller’s external address. */
  Address: Text,
  /** Method and route, such as `DELETE /admin/users/:name`, or `login`. */
  Action: Text,
  /** What the route’s parameters name. */
  Target: Text,
  /** JSON of what was asked for, as far as it is no secret. */
  Detail: Type.String({ maxLength: 16_384 }),
  /** HTTP status. */
  Status: Type.Integer({ minimum: 100, maximum: 599 }),
  /** Code of the error catalogue when it failed. */
  Error: Type.Union([Text, Type.Null()]),
  /** The hash of the entry before; of the first one 64 zeros. */
  PreviousHash: Hash,
  Hash,
});
export type AuditEntry = Type.Static<typeof AuditEntrySchema>;

/** `GET /admin/audit` (ours). `Next` is what to give as `after` for more. */
export const AuditReplySchema = Type.Object({
  Entries: Type.Array(AuditEntrySchema, { maxItems: maxAuditPage }),
  Next: Type.Union([Text, Type.Null()]),
});
export type AuditReply = Type.Static<typeof AuditReplySchema>;

/** Reads a page of the audit log. @throws ServiceInvalidReply */
export const parseAuditReply: (json: unknown) => AuditReply = replyParser(
  'the cloud',
  AuditReplySchema,
  (reply) => reply,
);

/** Where the chain begins. */
export const firstPreviousHash = '0'.repeat(64);

/** SHA-256 over the entry and, by `PreviousHash`, all before it: who changes one must change all that follow. */
export function auditHash(entry: Omit<AuditEntry, 'Hash'>): string {
  const { Seq, Time, User, Role, Tenant, Address, Action, Target, Detail, Status } = entry;
  const fields = [Seq, Time, User, Role, Tenant, Address, Action, Target, Detail, Status];
  const text = JSON.stringify([entry.PreviousHash, ...fields, entry.Error]);
  return createHash('sha256').update(text).digest('hex');
}
