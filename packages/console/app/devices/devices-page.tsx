import { useState } from 'react';
import { usePages } from '../api/pages.ts';
import { daysBack, report } from '../api/reports.ts';
import { countText, timeText } from '../figures/format.ts';
import { WindowSelect } from '../forms/window-select.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { hrefOf } from '../routing/route.ts';
import type { Column } from '../tables/data-table.tsx';
import { savingsColumns } from '../tables/savings-columns.tsx';
import { SearchedPages } from '../tables/searched-pages.tsx';
import { type Device, deviceName, toldText } from './device.ts';

/** Devices of a page. */
const pageSize = 200;

export function DevicesPage() {
  const [days, setDays] = useState(28);
  const from = daysBack(days);
  const pages = usePages(['reports', 'devices', from], (after) =>
    report<Device>('devices', { from, limit: pageSize, after }),
  );
  return (
    <>
      <PageHead
        title="Devices"
        about="Every device that has told of itself, and what it fetched in these days."
      >
        <WindowSelect days={days} onDays={setDays} />
      </PageHead>
      <SearchedPages
        label="Devices"
        searchLabel="Find by name, id, site, city or system"
        pages={pages}
        rows={pages.data?.pages.flatMap((page) => page.Rows)}
        columns={columns}
        rowKey={(row) => row.DeviceId}
        textsOf={({ DeviceId, DeviceName, Site, City, OSVersion }) => [
          DeviceId,
          DeviceName,
          Site,
          City ?? '',
          OSVersion ?? '',
        ]}
        empty={<NoDevices />}
      />
    </>
  );
}

const columns: Column<Device>[] = [
  {
    name: 'Device',
    by: deviceName,
    cell: (row) => <a href={hrefOf('devices', row.DeviceId)}>{deviceName(row)}</a>,
    whole: true,
  },
  { name: 'Site', by: (row) => row.Site, cell: (row) => row.City ?? row.Site },
  {
    name: 'Mode',
    by: (row) => row.DownloadMode,
    cell: (row) => toldText(row.DownloadMode),
    whole: true,
  },
  {
    name: 'Downloads',
    by: (row) => row.TotalTransfers,
    cell: (row) => countText(row.TotalTransfers),
    figure: true,
  },
  {
    name: 'Failed',
    by: (row) => row.FailedTransfers,
    cell: (row) => countText(row.FailedTransfers),
    figure: true,
  },
  ...savingsColumns,
  {
    name: 'Last seen',
    by: (row) => row.LastSeenTime,
    cell: (row) => timeText(row.LastSeenTime),
    figure: true,
  },
];

function NoDevices() {
  return (
    <EmptyState title="No device has told of itself yet">
      <p>Start an agent on one, with this cloud:</p>
      <pre>sluice agent --cloud {window.location.origin}</pre>
    </EmptyState>
  );
}
