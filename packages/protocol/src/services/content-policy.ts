import Type from 'typebox';
import { assertArrayUrl } from './discovery.ts';
import { ContentIdText, Count, HashText, HttpUrl } from './fields.ts';
import { HashListSignatureSchema } from './key-set.ts';
import { assertHttpUrl, replyParser } from './reply-parser.ts';

/** What the publisher wishes for a content (wire.md §3.3). Bytes/s and seconds. */
export const ContentPoliciesSchema = Type.Object({
  ForegroundQosBps: Count,
  BackgroundQosBps: Count,
  MaxCacheAgeSecs: Count,
  ExpireAtSecsSinceEpoch: Type.Union([Count, Type.Null()]),
  DownloadToExpire: Count,
});
export type ContentPolicies = Type.Static<typeof ContentPoliciesSchema>;

/** From where a content may come. */
const AllowedSourcesSchema = Type.Object({
  Http: Type.Boolean(),
  P2P: Type.Boolean(),
  Cache: Type.Boolean(),
});
export type AllowedSources = Type.Static<typeof AllowedSourcesSchema>;

/** URLs of either kind in one content policy at the most. */
export const maxPolicyUrls = 64;

/**
 * Characters of a hash list that comes along with a content policy at the most, enough for 1,024 pieces: to
 * ask for it by itself is one more request of each device, for as many bytes.
 */
export const maxPolicyPhf = 49_408;

/** `GET {cp}/content/{contentId}/contentpolicy?altCatalogId=URL` (wire.md §3.3). */
export const ContentPolicyReplySchema = Type.Object({
  ContentId: ContentIdText,
  HashOfHashes: HashText,
  PiecesHashFileCdnUrls: Type.Array(HttpUrl, { maxItems: maxPolicyUrls }),
  ContentCdnUrls: Type.Union([Type.Array(HttpUrl, { maxItems: maxPolicyUrls }), Type.Null()]),
  IsSecure: Type.Boolean(),
  IsInternal: Type.Boolean(),
  Policies: ContentPoliciesSchema,
  /** The text of the pieces hash file, when it is short: spares the device to ask for it. Not of DO. */
  PiecesHashFile: Type.Optional(Type.String({ maxLength: maxPolicyPhf })),
  /** The base URL of the content's array instance, as discovery tells: spares the device to ask it. Not of DO. */
  CollectiveArray: Type.Optional(HttpUrl),
  /** From where it may come, when that is not everywhere. Not of DO. */
  Allow: Type.Optional(AllowedSourcesSchema),
  /** Which rule or class said so. Not of DO. */
  Rule: Type.Optional(Type.String({ maxLength: 200 })),
  /** That the publisher vouches for it. Not of DO. */
  Signature: Type.Optional(HashListSignatureSchema),
  Rank: Type.Integer({ minimum: -1_000_000, maximum: 1_000_000 }),
});
export type ContentPolicyReply = Type.Static<typeof ContentPolicyReplySchema>;

/** Reads a content policy from an untrusted network. @throws ServiceInvalidReply */
export const parseContentPolicyReply: (json: unknown) => ContentPolicyReply = replyParser(
  'ContentPolicy',
  ContentPolicyReplySchema,
  (reply, refuse) => {
    for (const url of reply.PiecesHashFileCdnUrls) {
      assertHttpUrl(url, 'PiecesHashFileCdnUrls', refuse);
    }
    for (const url of reply.ContentCdnUrls ?? []) assertHttpUrl(url, 'ContentCdnUrls', refuse);
    if (reply.CollectiveArray !== undefined) assertArrayUrl(reply.CollectiveArray, refuse);
    return reply;
  },
);
