import { Badge } from '@mantine/core';
import { bytesText, durationText, timeText } from '../figures/format.ts';
import { ShareBar, totalOf } from '../figures/share-bar.tsx';
import { Panel } from '../layout/panel.tsx';
import { hrefOf } from '../routing/route.ts';
import { type Column, DataTable } from '../tables/data-table.tsx';
import type { ToldEvent } from './device.ts';
import { bytesOf, type Download, downloadName, downloadsIn } from './download.ts';

export function DownloadsPanel({ deviceId, events }: { deviceId: string; events: ToldEvent[] }) {
  const downloads = downloadsIn(events);
  return (
    <Panel title="Downloads">
      {downloads.length === 0 ? (
        <p className="hint">None in the last 28 days.</p>
      ) : (
        <DataTable
          label="Downloads of this device"
          columns={columnsFor(deviceId)}
          rows={downloads}
          rowKey={(download) => download.jobId}
        />
      )}
    </Panel>
  );
}

export function DownloadState({ state }: { state: string }) {
  const colour = { Complete: 'green', Failed: 'red', Paused: 'yellow' }[state] ?? 'gray';
  return (
    <Badge variant="light" color={colour} tt="none">
      {state}
    </Badge>
  );
}

const columnsFor = (deviceId: string): Column<Download>[] => [
  {
    name: 'What',
    by: downloadName,
    cell: (download) => (
      <div className="name">
        <a href={hrefOf('devices', deviceId, download.jobId)}>{downloadName(download)}</a>
      </div>
    ),
  },
  { name: 'State', by: (d) => d.state, cell: (d) => <DownloadState state={d.state} /> },
  {
    name: 'Begun',
    by: (d) => d.events[0]?.Time ?? 0,
    cell: (d) => timeText(d.events[0]?.Time ?? null),
    figure: true,
  },
  {
    name: 'Took',
    by: (d) => Number(d.last.TotalTimeMs ?? -1),
    cell: (d) =>
      d.last.TotalTimeMs === undefined ? '–' : durationText(Number(d.last.TotalTimeMs)),
    figure: true,
  },
  {
    name: 'Came',
    by: (d) => totalOf(bytesOf(d.last)),
    cell: (d) => bytesText(totalOf(bytesOf(d.last))),
    figure: true,
  },
  { name: 'From where', cell: (d) => <ShareBar bytes={bytesOf(d.last)} /> },
];
