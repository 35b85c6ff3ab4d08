import Type from 'typebox';
import { ContentIdText } from '../services/index.ts';

const guid = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';

/** What a caller asks of the agent. Paths are absolute; what is left out takes the agent's settings. */
export const DownloadRequestSchema = Type.Object(
  {
    Url: Type.String({ minLength: 1, maxLength: 8192, pattern: '^https?://' }),
    Output: Type.String({ minLength: 1, maxLength: 4096 }),
    CacheHosts: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 300 }), { maxItems: 16 }),
    ),
    HashOfHashes: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' })),
    PhfUrl: Type.Optional(Type.String({ maxLength: 8192, pattern: '^https?://' })),
    ContentId: Type.Optional(ContentIdText),
    Sha256: Type.Optional(Type.String({ pattern: '^[0-9a-fA-F]{64}$' })),
    Mode: Type.Optional(
      Type.Union([
        Type.Literal(0),
        Type.Literal(1),
        Type.Literal(2),
        Type.Literal(3),
        Type.Literal(99),
      ]),
    ),
    GroupId: Type.Optional(Type.String({ pattern: guid })),
    Foreground: Type.Optional(Type.Boolean()),
    /** Who asks, for status and reports. */
    PredefinedCallerApplication: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    CloudUrl: Type.Optional(Type.String({ maxLength: 2048, pattern: '^https?://' })),
  },
  { additionalProperties: false },
);
export type DownloadRequest = Type.Static<typeof DownloadRequestSchema>;
