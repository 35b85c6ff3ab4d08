import Type from 'typebox';
import { sourceClasses } from '../../local-api/source-class.ts';
import { Count, HashText, IpText, maxContentIdLength, maxContentUrlLength } from '../fields.ts';

/*
 * Parts of events. Everywhere: bytes are payload, `…Bps` is bytes a second, `…Ms` milliseconds, `Time`
 * milliseconds since 1970 UTC by the device's clock. Null: unknown, not there, or not for the cloud to know.
 */

/** Text without control characters. */
export const textOf = (maxLength: number) =>
  Type.String({ maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]*$' });

export const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Uuid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' });

/** A time that a Date can hold. */
export const Time = Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 });

/** A code of the catalogue of errors, the name of a rule or of a setting. */
export const NameText = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.]{0,63}$' });

/** 100: Bypass. */
export const ModeNumber = Type.Enum([0, 1, 2, 3, 99, 100]);

/** Who set a value: a provider of settings, or `Request`. */
export const ProviderText = Type.String({ pattern: '^[A-Za-z]{1,32}$' });

/** base64(SHA-256(UTF-16LE(group id + NUL))), reports.md §3: never the group id itself. */
export const GroupHash = orNull(HashText);

const CdnUrl = orNull(
  // No query and no user name: those of signed URLs are credentials.
  Type.String({ maxLength: maxContentUrlLength, pattern: '^https?://[^?#@\\s]*(/[^?#\\s]*)?$' }),
);

/** Every setting that somebody has set: its value as text, and who set it. */
export const SetConfigs = Type.Record(
  Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,63}$' }),
  Type.Object(
    { Value: orNull(textOf(512)), Source: ProviderText },
    { additionalProperties: false },
  ),
  { additionalProperties: false, maxProperties: 64 },
);

/** What every event has. The same event has the same `EventId` however often it is sent. */
export const anyEvent = <N extends string>(name: N) => ({
  EventId: Uuid,
  Name: Type.Literal(name),
  Time,
});

/** What every event of a download has (workflow.md §11, common). */
export const ofDownload = {
  /** One life of the agent's process. */
  SessionId: Uuid,
  /** Hex SHA-256 of the URL, as status shows it. */
  FileId: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** The download, or the job that it is a run of. */
  JobId: Type.String({ pattern: '^[A-Za-z0-9._-]{1,128}$' }),
  /** The ContentId; by the HashOfHashes (`DO-…`) when only that is known. */
  UpdateId: orNull(textOf(maxContentIdLength)),
  PredefinedCallerName: orNull(textOf(200)),
  /** reports.md §4, such as `Quality Updates`. */
  ContentType: textOf(64),
  Background: Type.Boolean(),
  ExperimentId: orNull(textOf(128)),
  IsVpn: orNull(Type.Boolean()),
  /** By which setting the device has cache hosts, who set it, and to what. */
  RouteToCacheServer: orNull(
    Type.Object(
      { Setting: NameText, Source: ProviderText, Value: textOf(1024) },
      { additionalProperties: false },
    ),
  ),
  CdnUrl,
  CdnIp: orNull(IpText),
  /** Of Sluice's catalogue. */
  ErrorCode: orNull(NameText),
  /** Delivery Optimization's for it: HRESULT, unsigned. */
  DoErrorCode: orNull(Type.Integer({ minimum: 0, maximum: 0xffff_ffff })),
};

/** What brought how much. None of the classes is part of another. */
export const byteCounters = {
  BytesFromCacheServer: Count,
  /** The HTTP source itself, without cache servers. */
  BytesFromCDN: Count,
  /** Peers of the same local network. */
  BytesFromPeers: Count,
  BytesFromGroupPeers: Count,
  BytesFromIntPeers: Count,
  BytesFromLinkLocalPeers: Count,
  /** Found on this disk from earlier. */
  BytesFromLocalCache: Count,
};

/** Bytes and pieces by who brought them and for what reason (the record of why). */
export const SourceBytes = Type.Array(
  Type.Object(
    {
      Source: Type.Enum([...sourceClasses]),
      Reason: Type.Enum(['peer', 'responsible', 'takeOver', 'floor', 'hedge', 'stream']),
      /** More than came when requests were lost, hedged or given up. */
      AskedPieces: Count,
      Pieces: Count,
      Bytes: Count,
    },
    { additionalProperties: false },
  ),
  { maxItems: 36 },
);

/** Why peers, or one of them, were not used: how often by rule, error or setting. */
export const PeersNotUsed = Type.Array(
  Type.Object(
    {
      Rule: NameText,
      /** Peers that it is about; null: all, or of any class. */
      PeerClass: orNull(Type.Enum(['Lan', 'LinkLocal', 'Group', 'Internet'])),
      Count,
    },
    { additionalProperties: false },
  ),
  { maxItems: 100 },
);
