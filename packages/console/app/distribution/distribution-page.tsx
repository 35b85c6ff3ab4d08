import { Loader } from '@mantine/core';
import { useState } from 'react';
import { daysBack, useReport } from '../api/reports.ts';
import { bytesText, countText, durationText } from '../figures/format.ts';
import { WindowSelect } from '../forms/window-select.tsx';
import { Fault } from '../layout/fault.tsx';
import { NoEvents } from '../layout/no-events.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { hrefOf } from '../routing/route.ts';
import { type Column, DataTable } from '../tables/data-table.tsx';
import { savingsColumns } from '../tables/savings-columns.tsx';
import type { Distribution } from './distribution.ts';
import { useContentNames } from './use-content-names.ts';

/** How contents reached the fleet. */
export default function DistributionPage() {
  const [days, setDays] = useState(28);
  const nameOf = useContentNames();
  const { data, error, isPending } = useReport<Distribution>('contents', { from: daysBack(days) });
  return (
    <>
      <PageHead
        title="Distribution"
        about="How fast each content reached the devices that wanted it, and how many copies left its source."
      >
        <WindowSelect days={days} onDays={setDays} />
      </PageHead>
      <Fault error={error} />
      {isPending && <Loader aria-label="Loading" />}
      {data?.Rows.length === 0 && <NoEvents what="downloads" />}
      {data && data.Rows.length > 0 && (
        <DataTable
          label="Distribution of contents"
          columns={columnsFor(nameOf)}
          rows={data.Rows}
          rowKey={(row) => row.ContentId}
        />
      )}
    </>
  );
}

const columnsFor = (nameOf: (id: string) => string): Column<Distribution>[] => [
  {
    name: 'Content',
    by: (row) => nameOf(row.ContentId),
    cell: (row) => (
      <div className="name">
        <a href={hrefOf('content', row.ContentId)}>{nameOf(row.ContentId)}</a>
      </div>
    ),
  },
  {
    name: 'Size',
    by: (row) => row.ContentLength,
    cell: (row) => bytesText(row.ContentLength),
    figure: true,
  },
  {
    name: 'Devices',
    by: (row) => row.DeviceCount ?? 0,
    cell: (row) => `${countText(row.CompletedCount ?? 0)} of ${countText(row.DeviceCount ?? 0)}`,
    figure: true,
  },
  {
    name: 'To 50 %',
    by: (row) => row.TimeTo50PercentMs ?? -1,
    cell: (row) => timeTo(row.TimeTo50PercentMs),
    figure: true,
  },
  {
    name: 'To 95 %',
    by: (row) => row.TimeTo95PercentMs ?? -1,
    cell: (row) => timeTo(row.TimeTo95PercentMs),
    figure: true,
  },
  {
    name: 'To all',
    by: (row) => row.TimeTo100PercentMs ?? -1,
    cell: (row) => timeTo(row.TimeTo100PercentMs),
    figure: true,
  },
  {
    name: 'Copies a site',
    by: (row) => row.SourceCopiesPerSite ?? -1,
    cell: (row) => row.SourceCopiesPerSite?.toFixed(2) ?? '–',
    figure: true,
  },
  ...savingsColumns,
];

function timeTo(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '–' : durationText(ms);
}
