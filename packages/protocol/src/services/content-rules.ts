import Type from 'typebox';
import { ContentPoliciesSchema } from './content-policy.ts';
import { ContentIdText, Count, HashText, HttpUrl } from './fields.ts';
import { replyParser } from './reply-parser.ts';

const strict = { additionalProperties: false } as const;
const atMost = { maxItems: 100 } as const;
const ShortText = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
});

/** Blocks at the most: every device hears of all of them. */
export const maxBlocks = 1_000;

/** What holds for some contents (ours). What is left out is as for everything. */
const ContentRuleSchema = Type.Object(
  {
    Name: ShortText,
    /** All that is given must be met, each by one of its list; nothing given: everything. */
    Match: Type.Object(
      {
        /** Regular expressions of whole caller names. */
        Callers: Type.Optional(Type.Array(ShortText, atMost)),
        UrlPrefixes: Type.Optional(Type.Array(HttpUrl, atMost)),
        ContentIds: Type.Optional(Type.Array(ContentIdText, atMost)),
        HashesOfHashes: Type.Optional(Type.Array(HashText, atMost)),
      },
      strict,
    ),
    Allow: Type.Optional(
      Type.Object(
        {
          Http: Type.Optional(Type.Boolean()),
          P2P: Type.Optional(Type.Boolean()),
          Cache: Type.Optional(Type.Boolean()),
        },
        strict,
      ),
    ),
    Policies: Type.Optional(Type.Partial(ContentPoliciesSchema, strict)),
    Rank: Type.Optional(Type.Integer({ minimum: -1_000_000, maximum: 1_000_000 })),
  },
  strict,
);
export type ContentRule = Type.Static<typeof ContentRuleSchema>;

const blockFields = {
  /** What is blocked: of these, those that are given; a content that one of them names. */
  ContentId: Type.Optional(ContentIdText),
  UrlPrefix: Type.Optional(HttpUrl),
  HashOfHashes: Type.Optional(HashText),
  /** `Fail`: nobody gets it. `HttpOnly`: from its source only. */
  Then: Type.Union([Type.Literal('Fail'), Type.Literal('HttpOnly')]),
  /** For people. */
  Reason: ShortText,
};

/** What may be had and shared no more (ours). */
export const BlockSchema = Type.Object(blockFields, strict);
export type Block = Type.Static<typeof BlockSchema>;

const RulesDocumentSchema = Type.Object(
  {
    /** The first that matches holds. */
    Rules: Type.Array(ContentRuleSchema, { maxItems: 200 }),
    Blocked: Type.Array(
      Type.Object({ Id: Type.String({ pattern: '^[0-9a-f-]{36}$' }), ...blockFields }, strict),
      { maxItems: maxBlocks },
    ),
  },
  strict,
);
export type RulesDocument = Type.Static<typeof RulesDocumentSchema>;

/** Reads content rules and blocks as an admin wrote them. @throws ServiceInvalidReply */
export const parseRulesDocument: (json: unknown) => RulesDocument = replyParser(
  'the content rules',
  RulesDocumentSchema,
  (document, refuse) => {
    for (const { Name, Match } of document.Rules) {
      for (const caller of Match.Callers ?? []) {
        try {
          new RegExp(caller, 'u');
        } catch {
          refuse(`a caller of the rule ${Name} is no regular expression`);
        }
      }
    }
    return document;
  },
);

/** `GET /content-policy/blocked` (ours): what devices stop sharing and delete. */
export const BlockListReplySchema = Type.Object({
  Blocked: Type.Array(Type.Object(blockFields), { maxItems: maxBlocks }),
  /** When to ask again. */
  RefreshSeconds: Count,
});
export type BlockListReply = Type.Static<typeof BlockListReplySchema>;

/** Reads a list of blocks from an untrusted network. @throws ServiceInvalidReply */
export const parseBlockListReply: (json: unknown) => BlockListReply = replyParser(
  'the list of blocks',
  BlockListReplySchema,
  (reply) => reply,
);
