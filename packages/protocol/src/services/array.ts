import Type from 'typebox';
import {
  Count,
  IpText,
  maxContentIdLength,
  maxContentUrlLength,
  maxPeersWanted,
  PeerIdText,
  PeerKeyIdText,
} from './fields.ts';
import { addressKind, canonicalIp } from './ip-address.ts';
import { type Refuse, replyParser } from './reply-parser.ts';

const Text = Type.Optional(Type.String({ maxLength: 64 }));
const Digits = Type.Optional(Type.String({ pattern: '^[0-9]{0,15}$' }));

/** Which swarm: by ContentId, else by the content's URL. An empty string means "none". */
const swarmFields = {
  ContentId: Type.Optional(
    Type.String({ maxLength: maxContentIdLength, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
  ),
  AltCatalogId: Type.Optional(Type.String({ maxLength: maxContentUrlLength })),
  PeerId: PeerIdText,
};

/**
 * `POST {CollectiveArray}join/` (wire.md §3.5): every value is a string. Byte counts are decimal.
 * `Left` = bytes still missing, "0" for a seed. `Scope` = download mode. `Port` (ours) = where the
 * device accepts peers, 7680 when not given. `JoinRequestEvent` "stopped" leaves the swarm.
 */
export const JoinRequestSchema = Type.Object({
  ...swarmFields,
  Port: Type.Optional(Type.String({ pattern: '^[0-9]{1,5}$' })),
  ReportedIp: Text,
  SubnetMask: Text,
  Ipv6: Text,
  IsBackground: Type.Optional(Type.Enum(['0', '1'])),
  ClientDialectVersionMajor: Text,
  ClientDialectVersionMinor: Text,
  ClientDialectVersionBuild: Text,
  ClientDialectVersionRevision: Text,
  Uploaded: Digits,
  Downloaded: Digits,
  DownloadedCdn: Digits,
  DownloadedDoinc: Digits,
  Left: Type.String({ pattern: '^[0-9]{1,15}$' }),
  JoinRequestEvent: Text,
  RestrictedUpload: Text,
  PeersWanted: Type.Optional(Type.String({ pattern: '^-?[0-9]{1,9}$' })),
  GroupId: Text,
  Scope: Type.Optional(Type.String({ pattern: '^[0-9]{1,3}$' })),
  UploadedBPS: Digits,
  DownloadedBPS: Digits,
  Profile: Text,
  Seq: Text,
});
export type JoinRequest = Type.Static<typeof JoinRequestSchema>;

/** `POST {CollectiveArray}leave/`. Ours: the reply is `{}`. */
export const LeaveRequestSchema = Type.Object(swarmFields);
export type LeaveRequest = Type.Static<typeof LeaveRequestSchema>;

/** A peer as the array tells it. `Left` = bytes it still lacked at its last join. */
const PeerEntrySchema = Type.Object({
  PeerId: PeerIdText,
  Ip: IpText,
  Port: Type.Integer({ minimum: 1, maximum: 65535 }),
  Type: Type.Enum(['LAN', 'Group', 'Internet']),
  Left: Count,
});
export type PeerEntry = Type.Static<typeof PeerEntrySchema>;

const Interval = Type.Integer({ minimum: 1000, maximum: 86_400_000 });

/**
 * The reply of join (ours, wire.md §3.5). A device that stays away for `KeepAliveMs` is forgotten.
 * `FetchesForSite` false: enough other devices of the site fetch what none of it has. `PeerKeyId`, to enrolled
 * devices: the key by which peers prove their tenant now; who has not got it asks for a new session.
 */
export const JoinReplySchema = Type.Object({
  Peers: Type.Array(PeerEntrySchema, { maxItems: maxPeersWanted }),
  NextJoinTimeIntervalInMs: Interval,
  KeepAliveMs: Interval,
  FetchesForSite: Type.Optional(Type.Boolean()),
  PeerKeyId: Type.Optional(PeerKeyIdText),
});
export type JoinReply = Type.Static<typeof JoinReplySchema>;

/**
 * Reads a join reply from an untrusted network: at most `maxPeersWanted` peers, every address one
 * that can be dialled, ids in lower case, times between a second and a day.
 * @throws ServiceInvalidReply
 */
export const parseJoinReply: (json: unknown) => JoinReply = replyParser(
  'Array',
  JoinReplySchema,
  (reply, refuse) => ({ ...reply, Peers: reply.Peers.map((peer) => checkedPeer(peer, refuse)) }),
);

function checkedPeer(peer: PeerEntry, refuse: Refuse): PeerEntry {
  const ip = canonicalIp(peer.Ip) ?? refuse('the Ip of a peer is no IP address');
  if (addressKind(ip) === 'unusable') refuse('the Ip of a peer cannot be dialled');
  return { ...peer, Ip: ip, PeerId: peer.PeerId.toLowerCase() };
}
