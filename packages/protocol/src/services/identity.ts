import Type from 'typebox';
import { PeerKeyIdText, TenantText } from './fields.ts';
import { replyParser } from './reply-parser.ts';

/*
 * Who a device is (ours): `GET /identity`, then `POST /identity/enrol` once, `/identity/session` every hour,
 * `/identity/rotate` for another key. Keys are raw Ed25519, signatures go over `identity/statements.ts`.
 */

const DeviceIdText = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
});
/** 32 bytes in base64url. */
const KeyText = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' });
/** 64 bytes in base64url. */
const SignatureText = Type.String({ pattern: '^[A-Za-z0-9_-]{86}$' });
const NonceText = Type.String({ pattern: '^[A-Za-z0-9_-]{22}$' });
/** ms since 1970, by the clock of the device. */
const Timestamp = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const GroupId = Type.Union([Type.String({ pattern: '^[0-9a-f-]{36}$' }), Type.Null()]);

/** `GET /identity`: the cloud's name, which signatures are for, and its own authority where it has one. */
const AuthorityReplySchema = Type.Object({
  Cloud: DeviceIdText,
  /** PEM. */
  CaCertificate: Type.Union([Type.String({ maxLength: 8192 }), Type.Null()]),
});
export type AuthorityReply = Type.Static<typeof AuthorityReplySchema>;

export const EnrolRequestSchema = Type.Object(
  { Secret: KeyText, PublicKey: KeyText, Signature: SignatureText },
  { additionalProperties: false },
);
export type EnrolRequest = Type.Static<typeof EnrolRequestSchema>;

const EnrolReplySchema = Type.Object({ DeviceId: DeviceIdText, Tenant: TenantText, GroupId });
export type EnrolReply = Type.Static<typeof EnrolReplySchema>;

const signed = { DeviceId: DeviceIdText, Timestamp, Nonce: NonceText, Signature: SignatureText };

export const SessionRequestSchema = Type.Object(signed, { additionalProperties: false });
export type SessionRequest = Type.Static<typeof SessionRequestSchema>;

/** `NewSignature`: the same statement signed by the new key, which so proves that the device has it. */
export const RotateKeyRequestSchema = Type.Object(
  { ...signed, NewPublicKey: KeyText, NewSignature: SignatureText },
  { additionalProperties: false },
);
export type RotateKeyRequest = Type.Static<typeof RotateKeyRequestSchema>;

const SessionReplySchema = Type.Object({
  /** Goes into `Authorization: Bearer`. */
  Token: Type.String({ pattern: '^[A-Za-z0-9._-]{16,1024}$' }),
  /** From now on: clocks need not agree. */
  ExpiresInSeconds: Type.Integer({ minimum: 1, maximum: 86_400 }),
  Tenant: TenantText,
  GroupId,
  /** By which peers of the tenant know each other, the newest first. */
  PeerKeys: Type.Array(Type.Object({ Id: PeerKeyIdText, Key: KeyText }), {
    minItems: 1,
    maxItems: 4,
  }),
});
export type SessionReply = Type.Static<typeof SessionReplySchema>;

/** @throws ServiceInvalidReply */
export const parseAuthorityReply: (json: unknown) => AuthorityReply = replyParser(
  'the cloud',
  AuthorityReplySchema,
  (reply) => reply,
);

/** @throws ServiceInvalidReply */
export const parseEnrolReply: (json: unknown) => EnrolReply = replyParser(
  'the cloud',
  EnrolReplySchema,
  (reply) => reply,
);

/** @throws ServiceInvalidReply */
export const parseSessionReply: (json: unknown) => SessionReply = replyParser(
  'the cloud',
  SessionReplySchema,
  (reply) => reply,
);
