import Type from 'typebox';
import { HttpUrl } from './fields.ts';
import { assertHttpUrl, replyParser } from './reply-parser.ts';

/** Devices of which addresses are sent to which cloud (ours). */
const RegionSchema = Type.Object(
  {
    Region: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$' }),
    /** The base URL of the cloud that these devices ask for everything but geo. */
    ServiceUrl: HttpUrl,
    /** External addresses: networks, or single ones. */
    Cidrs: Type.Optional(Type.Array(Type.String({ maxLength: 49 }), { maxItems: 100_000 })),
    /** ISO codes or names, as the geo files have them, for addresses in no network. */
    Countries: Type.Optional(
      Type.Array(Type.String({ minLength: 2, maxLength: 128 }), { maxItems: 300 }),
    ),
  },
  { additionalProperties: false },
);
const RegionsDocumentSchema = Type.Array(RegionSchema, { minItems: 1, maxItems: 1_000 });
export type RegionsDocument = Type.Static<typeof RegionsDocumentSchema>;

/** Reads the regions as an admin wrote them. @throws ServiceInvalidReply */
export const parseRegionsDocument: (json: unknown) => RegionsDocument = replyParser(
  'the regions',
  RegionsDocumentSchema,
  (regions, refuse) =>
    regions.map((region) => {
      const { Region: name, ServiceUrl, Cidrs = [], Countries = [] } = region;
      assertHttpUrl(ServiceUrl, `ServiceUrl of ${name}`, refuse);
      const { search, hash } = new URL(ServiceUrl);
      if (search || hash) refuse(`ServiceUrl of ${name} has ? or #`);
      if (Cidrs.length + Countries.length === 0) refuse(`${name} has neither Cidrs nor Countries`);
      return { ...region, ServiceUrl: ServiceUrl.replace(/\/+$/, '') };
    }),
);
