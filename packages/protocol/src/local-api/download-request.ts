import Type from 'typebox';
import { ContentIdText } from '../services/index.ts';

const HttpUrl = Type.String({ maxLength: 8192, pattern: '^https?://' });
const Pem = Type.String({ minLength: 1, maxLength: 65_536 });
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
    /** What kind of content it is, for reports (reports.md §4): `Other` if not given. */
    ContentType: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
    ),
    /** Other URLs of the same object. */
    Mirrors: Type.Optional(Type.Array(HttpUrl, { maxItems: 16 })),
    /** Sent to the origin of `Url`, and to no other. */
    Headers: Type.Optional(
      Type.Record(Type.String(), Type.String({ maxLength: 8192 }), { maxProperties: 64 }),
    ),
    /** Shown to the origin of `Url` when it asks: PEM. */
    ClientCert: Type.Optional(
      Type.Object({ Cert: Pem, Key: Pem }, { additionalProperties: false }),
    ),
    /** Certificates (PEM) to trust in place of the system's. */
    Ca: Type.Optional(Pem),
    /** `direct`, the URL of a proxy, or `pac+` and the URL of a proxy script. */
    Proxy: Type.Optional(Type.String({ minLength: 1, maxLength: 2048 })),
    /** `name:password` for the proxy. */
    ProxyUser: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
    CloudUrl: Type.Optional(Type.String({ maxLength: 2048, pattern: '^https?://' })),
  },
  { additionalProperties: false },
);
export type DownloadRequest = Type.Static<typeof DownloadRequestSchema>;
