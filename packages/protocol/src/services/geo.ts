import Type from 'typebox';
import { HttpUrl, IpText } from './fields.ts';
import { canonicalIp } from './ip-address.ts';
import { assertHttpUrl, replyParser } from './reply-parser.ts';

/**
 * `GET /geo` and `/geoversion` (wire.md §3.1). The device needs the first two; the rest is told for
 * clients of Delivery Optimization. `ExternalIpAddress` 0.0.0.0 means "not known".
 */
export const GeoReplySchema = Type.Object({
  ExternalIpAddress: IpText,
  KeyValue_EndpointFullUri: HttpUrl,
  CountryCode: Type.Optional(Type.String({ maxLength: 8 })),
  Version: Type.Optional(Type.String({ maxLength: 64 })),
  CompactVersion: Type.Optional(Type.String({ maxLength: 64 })),
  CacheId: Type.Optional(Type.String({ maxLength: 256 })),
  ContentCert: Type.Optional(Type.Boolean()),
  DownloadModeFailSafe: Type.Optional(Type.String({ maxLength: 64 })),
  isVpn: Type.Optional(Type.Boolean()),
  /** Comma list of cache hosts for this device. */
  CacheHost: Type.Optional(Type.String({ maxLength: 1024 })),
  /** 1 = ask DHCP option 235 for the cache host. */
  CacheHostFlag: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  /** Whether the `nonce` of a question comes back as `Nonce`: what has another, or none, is no answer to it. Not of DO. */
  EchoesNonce: Type.Optional(Type.Boolean()),
  Nonce: Type.Optional(Type.String({ maxLength: 128 })),
  /** Of which the cloud takes the device to be. Not of DO. */
  Region: Type.Optional(Type.String({ maxLength: 64 })),
  /** What `KeyValue_EndpointFullUri` would answer: spares the device to ask. Not of DO, and not checked yet. */
  KeyValue: Type.Optional(Type.Unknown()),
});
export type GeoReply = Type.Static<typeof GeoReplySchema>;

/** Reads a Geo reply from an untrusted network. @throws ServiceInvalidReply */
export const parseGeoReply: (json: unknown) => GeoReply = replyParser(
  'Geo',
  GeoReplySchema,
  (reply, refuse) => {
    const ip = canonicalIp(reply.ExternalIpAddress) ?? refuse('ExternalIpAddress is no IP address');
    assertHttpUrl(reply.KeyValue_EndpointFullUri, 'KeyValue_EndpointFullUri', refuse);
    return { ...reply, ExternalIpAddress: ip };
  },
);
