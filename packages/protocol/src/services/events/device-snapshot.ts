import Type from 'typebox';
import { Count, PeerIdText } from '../fields.ts';
import {
  anyEvent,
  GroupHash,
  ModeNumber,
  orNull,
  ProviderText,
  SetConfigs,
  textOf,
} from './fields.ts';

/** What the device is and how it is set (ours): daily at the most, and when it is on. */
export const DeviceSnapshotSchema = Type.Object(
  {
    ...anyEvent('DeviceSnapshot'),
    PeerId: PeerIdText,
    /** Only where names are allowed. */
    DeviceName: orNull(textOf(255)),
    DoClientVersion: textOf(64),
    /** Such as `linux`. */
    OSPlatform: textOf(32),
    OSVersion: textOf(128),
    DeviceProfile: orNull(Type.Enum(['Desktop', 'VM', 'Container'])),
    /** As set, for downloads that say nothing else. */
    DownloadMode: ModeNumber,
    DownloadModeSrc: ProviderText,
    SetConfigs,
    /** Bytes of the contents in the store. */
    CacheSizeBytes: Count,
    CacheFiles: Count,
    GroupId: GroupHash,
    /** Events that were lost on this device, ever: too many, too old, refused. */
    EventsDropped: Count,
    /** A device that does not know says null. */
    City: orNull(textOf(128)),
    Country: orNull(textOf(64)),
    Isp: orNull(textOf(128)),
  },
  { additionalProperties: false },
);
