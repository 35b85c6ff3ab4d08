import type { Columns } from './relation.ts';
import { snapshotColumns, sumColumns } from './tables.ts';

/* The types of what is handed to the database as JSON, by the names of `Fact`, `Reason` and the tables. */

export const eventColumns: Columns = {
  day: 'integer',
  event_id: 'uuid',
  tenant: 'text',
  device_id: 'text',
  name: 'text',
  time: 'bigint',
  content_id: 'text',
  body: 'text',
};

export const factColumns: Columns = {
  ...{ tenant: 'text', device_id: 'text', content_type: 'text', content_id: 'text' },
  ...{ site: 'text', group_id: 'text', day: 'integer', time: 'bigint', size: 'bigint' },
  ...{ started_at: 'bigint', completed_at: 'bigint' },
  last: 'bigint',
  ...Object.fromEntries(sumColumns.map((name) => [name, 'bigint'] as const)),
};

export const reasonColumns: Columns = {
  ...{ tenant: 'text', day: 'integer', kind: 'text', content_id: 'text', reason: 'text' },
  n: 'bigint',
};

export const deviceColumns: Columns = {
  ...{ tenant: 'text', device_id: 'text', first_time: 'bigint', last_time: 'bigint' },
  ...{ site: 'text', group_id: 'text', snapshot_time: 'bigint' },
  ...{ downlink: 'bigint', uplink: 'bigint' },
  ...Object.fromEntries(snapshotColumns.map((name) => [name, 'text'] as const)),
  download_mode: 'integer',
};
