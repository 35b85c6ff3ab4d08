import type { DeviceEvent, EventOf } from '@sluice/protocol';
import type { Sender } from './facts.ts';
import type { EventTables } from './tables.ts';

type Device = EventTables['device'];

/** No line is faster, bytes/s: more is a device's nonsense. */
const mostRate = 2 ** 40;

/** What events of one sender say of the device itself. */
export function deviceOf(
  events: readonly DeviceEvent[],
  { tenant, deviceId, site }: Sender,
): Device {
  const times = events.map(({ Time }) => Time);
  const told = events.filter((e) => 'GroupId' in e).toSorted((a, b) => b.Time - a.Time);
  const snapshot = events
    .filter((e) => e.Name === 'DeviceSnapshot')
    .reduce<EventOf<'DeviceSnapshot'> | undefined>(
      (last, e) => (last && last.Time > e.Time ? last : e),
      undefined,
    );
  return {
    tenant,
    device_id: deviceId,
    first_time: Math.min(...times),
    last_time: Math.max(...times),
    site,
    // '' says that it is in no group, which is news as well.
    group_id: told[0] ? (told[0].GroupId ?? '') : null,
    // Who does not measure the line knows at least what it took.
    downlink: fastest(events, (e) => e.DownlinkBps ?? e.DownlinkUsageBps),
    uplink: fastest(events, (e) => e.UplinkBps ?? e.UplinkUsageBps),
    ...snapshotOf(snapshot),
  };
}

/** Of two rows of one device, what both say. */
export function mergedDevice(a: Device, b: Device): Device {
  const [older, newer] = a.last_time <= b.last_time ? [a, b] : [b, a];
  const snapshot = a.snapshot_time > b.snapshot_time ? a : b;
  return {
    ...newer,
    first_time: Math.min(a.first_time, b.first_time),
    group_id: newer.group_id ?? older.group_id,
    downlink: Math.max(a.downlink, b.downlink),
    uplink: Math.max(a.uplink, b.uplink),
    snapshot_time: snapshot.snapshot_time,
    device_name: snapshot.device_name,
    os_version: snapshot.os_version,
    client_version: snapshot.client_version,
    download_mode: snapshot.download_mode,
    download_mode_src: snapshot.download_mode_src,
    city: snapshot.city,
    country: snapshot.country,
    isp: snapshot.isp,
    snapshot: snapshot.snapshot,
  };
}

function fastest(
  events: readonly DeviceEvent[],
  rateOf: (event: EventOf<'DownloadCompleted'>) => number,
): number {
  const rates = events.map((e) => (e.Name === 'DownloadCompleted' ? rateOf(e) : 0));
  return Math.min(mostRate, Math.max(...rates));
}

function snapshotOf(snapshot: EventOf<'DeviceSnapshot'> | undefined) {
  return {
    snapshot_time: snapshot?.Time ?? 0,
    device_name: snapshot?.DeviceName ?? null,
    os_version: snapshot ? `${snapshot.OSPlatform} ${snapshot.OSVersion}` : null,
    client_version: snapshot?.DoClientVersion ?? null,
    download_mode: snapshot?.DownloadMode ?? null,
    download_mode_src: snapshot?.DownloadModeSrc ?? null,
    city: snapshot?.City ?? null,
    country: snapshot?.Country ?? null,
    isp: snapshot?.Isp ?? null,
    snapshot: snapshot ? JSON.stringify(snapshot) : null,
  };
}
