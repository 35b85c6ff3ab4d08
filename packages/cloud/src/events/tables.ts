/**
 * What is kept of devices' events. Days are whole UTC days since 1970, times ms since 1970, bytes are payload.
 * `site` is the external address, '' for none; `group_id` the encoded one (reports.md §3), '' for none.
 * The sums are kept up to date in the transaction that takes the events (`roll-ups.ts`), so that no report
 * ever reads the events themselves.
 */
export interface EventTables {
  /** As they came; in PostgreSQL a partition for each day. */
  event: {
    day: number;
    event_id: string;
    tenant: string;
    device_id: string;
    name: string;
    time: number;
    content_id: string;
    /** The event as JSON. */
    body: string;
  };
  /** What a device said of itself last, and when it was heard. */
  device: {
    tenant: string;
    device_id: string;
    first_time: number;
    last_time: number;
    site: string;
    /** Null: never told. */
    group_id: string | null;
    /** The fastest that it ever was, bytes/s; 0: nobody knows. */
    downlink: number;
    uplink: number;
    /** Of the last snapshot; 0 and null without one. */
    snapshot_time: number;
    device_name: string | null;
    os_version: string | null;
    client_version: string | null;
    download_mode: number | null;
    download_mode_src: string | null;
    city: string | null;
    country: string | null;
    isp: string | null;
    /** The snapshot as JSON. */
    snapshot: string | null;
  };
  /** Where an external address is, as the geo file says. */
  site_place: { site: string; city: string | null; country: string | null; isp: string | null };
  device_day: Sums & {
    tenant: string;
    device_id: string;
    content_type: string;
    day: number;
    site: string;
    last: number;
  };
  /** When a device had anything of a content type: what counts devices looks here first. */
  device_type: {
    tenant: string;
    device_id: string;
    content_type: string;
    first_day: number;
    last_day: number;
    /** The last day on which bytes came from a cache. */
    cache_day: number | null;
  };
  volume_day: Sums & {
    tenant: string;
    day: number;
    content_type: string;
    group_id: string;
    site: string;
  };
  content_day: Sums & {
    tenant: string;
    content_id: string;
    day: number;
    content_type: string;
    size: number;
  };
  /** The way of one content to one device. */
  content_device: {
    tenant: string;
    content_id: string;
    device_id: string;
    site: string;
    last_day: number;
    started_at: number;
    completed_at: number | null;
    bytes_cdn: number;
    bytes_all: number;
  };
  /** Why peers were not used (`peers`), and what went wrong (`error`): how often. */
  reason_day: {
    tenant: string;
    day: number;
    kind: string;
    content_id: string;
    reason: string;
    n: number;
  };
}

/** What is added up, by these names in every table of sums. */
export const sumColumns = [
  'bytes_cdn',
  'bytes_cache',
  'bytes_lan',
  'bytes_group',
  'bytes_int',
  'bytes_local',
  'bytes_duplicate',
  'started',
  'completed',
  'canceled',
  'failed',
  'eligible',
  'total_ms',
  'peers_success',
  'peers_cannot',
  'peers_unknown',
] as const;
export type Sums = Record<(typeof sumColumns)[number], number>;

/** The columns of `device` that a snapshot brings. */
export const snapshotColumns = [
  'device_name',
  'os_version',
  'client_version',
  'download_mode',
  'download_mode_src',
  'city',
  'country',
  'isp',
  'snapshot',
] as const;
