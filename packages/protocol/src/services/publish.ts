import Type from 'typebox';
import { ContentPoliciesSchema, maxPolicyUrls } from './content-policy.ts';
import { ContentIdText, HashText, HttpUrl, TenantText } from './fields.ts';
import { HashListSignatureSchema } from './key-set.ts';
import { assertHttpUrl, replyParser } from './reply-parser.ts';

/** The pieces hash file as a JSON value; `parsePiecesHashFile` checks what it says. */
const PhfJson = Type.Object({
  MajorVersion: Type.Number(),
  MinorVersion: Type.Number(),
  HashOfHashes: Type.String(),
  ContentLength: Type.Number(),
  PieceSize: Type.Number(),
  Pieces: Type.Array(Type.String()),
});

/**
 * `POST /admin/content` (ours): makes a content known. Without `ContentId` it is the one that follows
 * from the HashOfHashes. Policies that are left out take the cloud's defaults.
 */
export const PublishRequestSchema = Type.Object(
  {
    ContentId: Type.Optional(ContentIdText),
    Urls: Type.Array(HttpUrl, { minItems: 1, maxItems: maxPolicyUrls }),
    Phf: PhfJson,
    /** The strong ETag that the servers of all URLs send with these bytes: said once, it never stands for others. */
    ETag: Type.Optional(Type.String({ pattern: '^"[\\x21\\x23-\\x7e]{0,512}"$' })),
    Signature: Type.Optional(HashListSignatureSchema),
    /** Whose devices it is for, beside those it is for already; without it, everybody's. */
    Tenant: Type.Optional(TenantText),
    Policies: Type.Optional(Type.Partial(ContentPoliciesSchema, { additionalProperties: false })),
  },
  { additionalProperties: false },
);
export type PublishRequest = Type.Static<typeof PublishRequestSchema>;

/** The reply: `MovedUrls` were those of other contents until now. */
export const PublishReplySchema = Type.Object({
  ContentId: ContentIdText,
  HashOfHashes: HashText,
  /** False when the content was known already. */
  Created: Type.Boolean(),
  Urls: Type.Array(HttpUrl),
  MovedUrls: Type.Array(Type.Object({ Url: HttpUrl, FromContentId: ContentIdText })),
  PiecesHashFileUrl: HttpUrl,
});
export type PublishReply = Type.Static<typeof PublishReplySchema>;

/** Reads the reply of a publish. @throws ServiceInvalidReply */
export const parsePublishReply: (json: unknown) => PublishReply = replyParser(
  'the cloud',
  PublishReplySchema,
  (reply, refuse) => {
    assertHttpUrl(reply.PiecesHashFileUrl, 'PiecesHashFileUrl', refuse);
    return reply;
  },
);
