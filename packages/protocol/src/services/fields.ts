import Type from 'typebox';

/** Characters of a ContentId at the most: room for any publisher's scheme, bounded in every store. */
export const maxContentIdLength = 256;

/** Characters of a content URL at the most; signed CDN URLs are long. */
export const maxContentUrlLength = 8192;

/** Peers in one join reply at the most, whatever `PeersWanted` says. */
export const maxPeersWanted = 50;

/** An absolute http(s) URL. That it parses is checked after the schema, see `assertHttpUrl`. */
export const HttpUrl = Type.String({
  minLength: 8,
  maxLength: maxContentUrlLength,
  pattern: '^[hH][tT][tT][pP][sS]?://',
});

/** An opaque id chosen by the publisher: any characters but control characters. */
export const ContentIdText = Type.String({
  minLength: 1,
  maxLength: maxContentIdLength,
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
});

/** Base64 of a SHA-256, padded. */
export const HashText = Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' });

/** A peer id as text (wire.md §2). Read in either case, written in lower case. */
export const PeerIdText = Type.String({ pattern: '^[0-9a-fA-F]{40}$' });

/** A count of bytes, seconds or anything else that cannot be negative. */
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** An IP address as text; checked after the schema by `canonicalIp`. */
export const IpText = Type.String({ minLength: 2, maxLength: 45 });

/** Names a key of a tenant by which its devices know each other. */
export const PeerKeyIdText = Type.String({ pattern: '^[0-9a-f]{16}$' });

/** A tenant's name: devices of one never hear of those of another. */
export const TenantText = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' });
