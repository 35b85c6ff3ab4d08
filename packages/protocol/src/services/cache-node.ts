import Type from 'typebox';
import { Count, HttpUrl } from './fields.ts';
import { replyParser } from './reply-parser.ts';

/*
 * What a cache node and the cloud say to each other (ours; the steps are those of
 * connected-cache.md §2): `POST /cache-nodes/register` once, then `POST /cache-nodes/heartbeat`.
 */

/** URLs of one preheating job from the cloud. */
export const maxJobUrls = 1000;
const maxJobs = 32;
const maxIssues = 100;

const Text = Type.String({ maxLength: 2048 });
const Id = Type.String({ pattern: '^[A-Za-z0-9._-]{1,128}$' });
/** `host[:port]` under which devices reach the node. */
const PublicHost = Type.String({ pattern: '^[A-Za-z0-9.:_\\[\\]-]{1,250}$' });
const Port = Type.Integer({ minimum: 1, maximum: 65535 });

export const RegisterNodeRequestSchema = Type.Object(
  { RegistrationKey: Type.String({ minLength: 16, maxLength: 512 }) },
  { additionalProperties: false },
);
export type RegisterNodeRequest = Type.Static<typeof RegisterNodeRequestSchema>;

export const RegisterNodeReplySchema = Type.Object({
  CacheNodeId: Id,
  Name: Id,
  /** Proves from now on who the node is. */
  Key: Type.String({ pattern: '^[A-Za-z0-9_-]{32,128}$' }),
});
export type RegisterNodeReply = Type.Static<typeof RegisterNodeReplySchema>;

export const PreheatResultSchema = Type.Object({
  Url: Type.String({ maxLength: 8192 }),
  State: Type.String({ pattern: '^[A-Za-z]{1,32}$' }),
  FetchedBytes: Count,
  Length: Type.Union([Count, Type.Null()]),
  Error: Type.Union([Type.Object({ Code: Text, Message: Text }), Type.Null()]),
});

export const HeartbeatRequestSchema = Type.Object(
  {
    /** Null: the address that the cloud sees. */
    PublicHost: Type.Union([PublicHost, Type.Null()]),
    Port,
    State: Type.Union([Type.Literal('Healthy'), Type.Literal('Unhealthy')]),
    /** Since the node's start. */
    HitBytes: Count,
    MissBytes: Count,
    SourceBytes: Count,
    Requests: Count,
    CacheBytes: Count,
    ActiveAnswers: Count,
    /** Since the last heartbeat, megabits (millions) a second. */
    EgressMbps: Type.Number({ minimum: 0 }),
    Issues: Type.Array(
      Type.Object({
        Type: Text,
        Subject: Text,
        Detail: Text,
        StartTime: Text,
        EndTime: Type.Union([Text, Type.Null()]),
      }),
      { maxItems: maxIssues },
    ),
    /** Jobs of the cloud that run, and those that have ended since the last heartbeat. */
    Jobs: Type.Array(
      Type.Object({
        Id,
        State: Type.Union([Type.Literal('Running'), Type.Literal('Ended')]),
        Results: Type.Array(PreheatResultSchema, { maxItems: maxJobUrls }),
      }),
      { maxItems: maxJobs },
    ),
  },
  { additionalProperties: false },
);
export type HeartbeatRequest = Type.Static<typeof HeartbeatRequestSchema>;

export const HeartbeatReplySchema = Type.Object({
  /** When to speak up again. */
  HeartbeatSeconds: Type.Integer({ minimum: 1, maximum: 86_400 }),
  /** Whether the cloud tells devices of the node. */
  IsEnabled: Type.Boolean(),
  MaxAllowableEgressInMbps: Type.Union([Type.Number({ minimum: 1 }), Type.Null()]),
  /** New jobs. */
  Jobs: Type.Array(
    Type.Object({
      Id,
      Urls: Type.Array(HttpUrl, { minItems: 1, maxItems: maxJobUrls }),
      /** Bytes a second. */
      Rate: Type.Union([Type.Integer({ minimum: 1024 }), Type.Null()]),
    }),
    { maxItems: maxJobs },
  ),
  /** Jobs to give up. */
  Cancel: Type.Array(Id, { maxItems: maxJobs }),
});
export type HeartbeatReply = Type.Static<typeof HeartbeatReplySchema>;

/** Reads the answer to a registration. @throws ServiceInvalidReply */
export const parseRegisterNodeReply: (json: unknown) => RegisterNodeReply = replyParser(
  'the cloud',
  RegisterNodeReplySchema,
  (reply) => reply,
);

/** Reads the answer to a heartbeat. @throws ServiceInvalidReply */
export const parseHeartbeatReply: (json: unknown) => HeartbeatReply = replyParser(
  'the cloud',
  HeartbeatReplySchema,
  (reply) => reply,
);
