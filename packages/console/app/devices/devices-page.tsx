import { Button, Loader, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { bytesIn, daysBack, report } from '../api/reports.ts';
import { countText, percentText, timeText } from '../figures/format.ts';
import { ShareBar } from '../figures/share-bar.tsx';
import { WindowSelect } from '../forms/window-select.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { hrefOf } from '../routing/route.ts';
import { type Column, DataTable } from '../tables/data-table.tsx';
import { type Device, deviceName } from './device.ts';

/** Devices of a page. */
const pageSize = 200;

export function DevicesPage() {
  const [days, setDays] = useState(28);
  const [search, setSearch] = useState('');
  const from = daysBack(days);
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery({
      queryKey: ['reports', 'devices', from],
      queryFn: ({ pageParam }) =>
        report<Device>('devices', { from, limit: pageSize, after: pageParam }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.Next ?? undefined,
    });
  const all = data?.pages.flatMap((page) => page.Rows) ?? [];
  const shown = all.filter((device) => isFound(device, search));
  return (
    <>
      <PageHead
        title="Devices"
        about="Every device that has told of itself, and what it fetched in these days."
      >
        <WindowSelect days={days} onDays={setDays} />
      </PageHead>
      <Fault error={error} />
      {isPending && <Loader aria-label="Loading" />}
      {data && all.length === 0 && <NoDevices />}
      {all.length > 0 && (
        <>
          <TextInput
            label="Find by name, id, site, city or system"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            mb="sm"
          />
          <DataTable
            label="Devices"
            columns={columns}
            rows={shown}
            rowKey={(row) => row.DeviceId}
          />
          <p className="hint" role="status">
            {countText(shown.length)} of {countText(all.length)} that are loaded
          </p>
          {hasNextPage && (
            <Button variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
              Load more
            </Button>
          )}
        </>
      )}
    </>
  );
}

const columns: Column<Device>[] = [
  {
    name: 'Device',
    by: deviceName,
    cell: (row) => <a href={hrefOf('devices', row.DeviceId)}>{deviceName(row)}</a>,
  },
  { name: 'Site', by: (row) => row.Site, cell: (row) => row.City ?? row.Site },
  { name: 'Mode', by: (row) => row.DownloadMode, cell: (row) => row.DownloadMode },
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
  {
    name: 'Saved',
    by: (row) => row.BWOptPercent,
    cell: (row) => percentText(row.BWOptPercent, 100),
    figure: true,
  },
  { name: 'From where', cell: (row) => <ShareBar bytes={bytesIn(row)} /> },
  {
    name: 'Last seen',
    by: (row) => row.LastSeenTime,
    cell: (row) => timeText(row.LastSeenTime),
    figure: true,
  },
];

function isFound(device: Device, search: string): boolean {
  const { DeviceId, DeviceName, Site, City, OSVersion } = device;
  const text = search.trim().toLowerCase();
  return [DeviceId, DeviceName, Site, City ?? '', OSVersion ?? ''].some((part) =>
    part.toLowerCase().includes(text),
  );
}

function NoDevices() {
  return (
    <EmptyState title="No device has told of itself yet">
      <p>Start an agent on one, with this cloud:</p>
      <pre>sluice agent --cloud {window.location.origin}</pre>
    </EmptyState>
  );
}
