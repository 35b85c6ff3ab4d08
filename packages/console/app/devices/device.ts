import { useReport, type Volumes } from '../api/reports.ts';

/** A row of the report `devices`. */
export interface Device extends Volumes {
  DeviceId: string;
  /** `#`: not told. */
  DeviceName: string;
  OSVersion: string | null;
  ClientVersion: string | null;
  DownloadMode: string;
  PeeringStatus: string;
  GroupID: string;
  Site: string;
  City: string | null;
  Country: string | null;
  ISP: string | null;
  FirstSeenTime: string;
  LastSeenTime: string;
  SnapshotTime: string | null;
  TotalTransfers: number;
  FailedTransfers: number;
}

/** A row of the report `device-events`. */
interface EventRow {
  Time: string;
  Name: string;
  EventId: string;
  ContentId: string;
  /** JSON. */
  Event: string;
}

/** An event as the device told it; which fields it has depends on its name (`EventBatch` of the protocol). */
export interface ToldEvent {
  EventId: string;
  Name: string;
  /** ms since 1970 */
  Time: number;
  [field: string]: unknown;
}

/** What a device has told, the newest first: the last 1,000 events of these days. */
export function useDeviceEvents(deviceId: string, from: string) {
  const { data, ...state } = useReport<EventRow>('device-events', { from, device: deviceId });
  return { ...state, data: data?.Rows.map((row) => JSON.parse(row.Event) as ToldEvent) };
}

/** What a report has of a snapshot that has not come yet. */
export function toldText(text: string): string {
  return text === 'Unknown' ? 'not told yet' : text;
}

/** What people call a device. */
export function deviceName({
  DeviceName,
  DeviceId,
}: Pick<Device, 'DeviceName' | 'DeviceId'>): string {
  return DeviceName === '#' ? DeviceId.slice(0, 12) : DeviceName;
}
