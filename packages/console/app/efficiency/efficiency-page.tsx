import { Loader, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { daysBack, useReport, type Volumes } from '../api/reports.ts';
import { bytesText, countText } from '../figures/format.ts';
import { WindowSelect } from '../forms/window-select.tsx';
import { Fault } from '../layout/fault.tsx';
import { NoEvents } from '../layout/no-events.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { type Column, DataTable } from '../tables/data-table.tsx';
import { savingsColumns } from '../tables/savings-columns.tsx';

type Row = Volumes & { DeviceCount: number } & Record<string, unknown>;

/** What efficiency is told by, and the column that names it. */
const keys = {
  group: { label: 'Group', column: 'GroupID' },
  site: { label: 'Site', column: 'Site' },
  city: { label: 'City', column: 'City' },
  country: { label: 'Country', column: 'Country' },
  isp: { label: 'Internet provider', column: 'ISP' },
  contentType: { label: 'Kind of content', column: 'ContentType' },
} as const;
type Key = keyof typeof keys;

export default function EfficiencyPage() {
  const [by, setBy] = useState<Key>('group');
  const [days, setDays] = useState(28);
  const { data, error, isPending } = useReport<Row>('efficiency', { from: daysBack(days), by });
  return (
    <>
      <PageHead title="Efficiency" about="Where peers and caches save most, and where they do not.">
        <NativeSelect
          aria-label="By"
          size="xs"
          data={Object.entries(keys).map(([value, { label }]) => ({
            value,
            label: `By ${label.toLowerCase()}`,
          }))}
          value={by}
          onChange={(event) => setBy(event.currentTarget.value as Key)}
        />
        <WindowSelect days={days} onDays={setDays} />
      </PageHead>
      <Fault error={error} />
      {isPending && <Loader aria-label="Loading" />}
      {data?.Rows.length === 0 && <NoEvents what="downloads" />}
      {data && data.Rows.length > 0 && (
        <DataTable
          key={by}
          label={`Efficiency by ${keys[by].label}`}
          columns={columnsFor(by)}
          rows={data.Rows}
          rowKey={(row) => String(row[keys[by].column])}
        />
      )}
    </>
  );
}

function columnsFor(by: Key): Column<Row>[] {
  const { label, column } = keys[by];
  const nameOf = (row: Row) => String(row[column] ?? '');
  return [
    {
      name: label,
      by: nameOf,
      cell: (row) => (
        <div className="name">{nameOf(row) || <span className="hint">not known</span>}</div>
      ),
    },
    {
      name: 'Devices',
      by: (row) => row.DeviceCount,
      cell: (row) => countText(row.DeviceCount),
      figure: true,
    },
    {
      name: 'Volume',
      by: (row) => row.TotalBytes,
      cell: (row) => bytesText(row.TotalBytes),
      figure: true,
    },
    ...savingsColumns,
  ];
}
