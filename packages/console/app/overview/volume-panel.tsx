import { lazy, Suspense } from 'react';
import { bytesIn, type Volumes } from '../api/reports.ts';
import { bytesText, percentText } from '../figures/format.ts';
import { ShareBar, savedOf, sourceKinds, totalOf } from '../figures/share-bar.tsx';
import { Panel } from '../layout/panel.tsx';
import { type Column, DataTable } from '../tables/data-table.tsx';

const VolumeChart = lazy(() => import('../charts/volume-chart.tsx'));

export interface DayRow extends Volumes {
  Day: string;
}

/** Volumes by source over time. */
export function VolumePanel({ rows, from, to }: { rows: DayRow[]; from: string; to: string }) {
  const byDay = new Map(rows.map((row) => [row.Day, bytesIn(row)]));
  const days = daysBetween(from, to).map((day) => ({ day, bytes: byDay.get(day) ?? none }));
  const all = sourceKinds.map(({ kind }) => days.reduce((sum, { bytes }) => sum + bytes[kind], 0));
  const [http = 0, cache = 0, lan = 0, group = 0, internet = 0] = all;
  return (
    <Panel title="Volume by source">
      <ShareBar bytes={{ http, cache, lan, group, internet }} names />
      <Suspense fallback={<div className="chart" />}>
        <VolumeChart days={days} />
      </Suspense>
      <details>
        <summary>As a table</summary>
        <DataTable
          label="Volume by day and source"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.Day}
        />
      </details>
    </Panel>
  );
}

const none = { http: 0, cache: 0, lan: 0, group: 0, internet: 0 };

const columns: Column<DayRow>[] = [
  { name: 'Day', by: (row) => row.Day, cell: (row) => row.Day },
  ...sourceKinds.map(({ name, kind }) => ({
    name,
    by: (row: DayRow) => bytesIn(row)[kind],
    cell: (row: DayRow) => bytesText(bytesIn(row)[kind]),
    figure: true,
  })),
  {
    name: 'Saved',
    cell: (row) => percentText(savedOf(bytesIn(row)), totalOf(bytesIn(row))),
    figure: true,
  },
];

function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  const end = Date.parse(`${to}T00:00:00Z`);
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= end; at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}
