import { bytesIn, daysBack, useReport } from '../api/reports.ts';
import { Facts, Tiles } from '../figures/facts.tsx';
import { bytesText, countText, durationText, percentText, timeText } from '../figures/format.ts';
import { ShareBar } from '../figures/share-bar.tsx';
import { Fault } from '../layout/fault.tsx';
import { Panel } from '../layout/panel.tsx';
import { ReasonsPanel } from '../overview/reasons-panel.tsx';
import { type Column, DataTable } from '../tables/data-table.tsx';
import type { ContentSite, Distribution } from './distribution.ts';

const days = 28;

/** How one content reached the fleet. */
export function ContentDistribution({ contentId }: { contentId: string }) {
  const from = daysBack(days);
  const { data, error } = useReport<Distribution>('contents', { from, content: contentId });
  const sites = useReport<ContentSite>('content-sites', { from, content: contentId });
  if (error) return <Fault error={error} />;
  const row = data?.Rows[0];
  if (data && !row) {
    return (
      <Panel title="Distribution">
        <p className="hint">No device has told of a download of it in the last {days} days.</p>
      </Panel>
    );
  }
  if (!row) return null;
  return (
    <>
      <TimesTiles row={row} />
      <Panel title="From where it came">
        <ShareBar bytes={bytesIn(row)} names />
        <Facts facts={factsOf(row)} />
      </Panel>
      {sites.data && sites.data.Rows.length > 0 && (
        <Panel title="Sites">
          <DataTable
            label="Sites of this content"
            columns={siteColumns}
            rows={sites.data.Rows}
            rowKey={(site) => site.Site}
          />
        </Panel>
      )}
      <ReasonsPanel from={from} content={contentId} />
    </>
  );
}

function TimesTiles({ row }: { row: Distribution }) {
  const time = (ms: number | null) => (ms === null ? '–' : durationText(ms));
  return (
    <Tiles
      tiles={[
        {
          name: 'Devices that have it',
          figure: `${countText(row.CompletedCount ?? 0)} of ${countText(row.DeviceCount ?? 0)}`,
        },
        { name: 'To half of them', figure: time(row.TimeTo50PercentMs) },
        { name: 'To 95 %', figure: time(row.TimeTo95PercentMs) },
        {
          name: 'To all',
          figure: time(row.TimeTo100PercentMs),
          hint: row.BoundMs === null ? undefined : `at best ${durationText(row.BoundMs)}`,
        },
        { name: 'Saved', figure: percentText(row.BWOptPercent, 100) },
      ]}
    />
  );
}

function factsOf(row: Distribution) {
  return [
    ['First start', row.FirstStart === null ? '–' : timeText(row.FirstStart)],
    ['To the bound', boundText(row)],
    [
      'Left the source',
      row.SourceCopies === null
        ? '–'
        : `${row.SourceCopies.toFixed(2)} copies, to ${row.SiteCount === 1 ? 'one site' : `${row.SiteCount} sites`}`,
    ],
    ['Came twice', `${bytesText(row.DuplicateBytes)}, ${row.DuplicatePercent.toFixed(2)} %`],
  ] as const;
}

/** The terms of the fluid bound, docs/reports.md. */
const terms: Record<string, string> = {
  source: 'what the source can give',
  downlink: 'the line of the slowest device',
  aggregate: 'the lines of all together',
};

function boundText({ RatioToBound: ratio, BoundTerm: term }: Distribution): string {
  if (ratio === null || term === null) return '–';
  const times = ratio < 10 ? ratio.toFixed(2) : countText(Math.round(ratio));
  return `${times} times the time at best, which is bound by ${terms[term] ?? term}`;
}

const siteColumns: Column<ContentSite>[] = [
  { name: 'Site', by: (site) => site.Site, cell: (site) => site.Site || 'not known' },
  { name: 'City', by: (site) => site.City ?? '', cell: (site) => site.City ?? '–' },
  {
    name: 'Devices',
    by: (site) => site.DeviceCount,
    cell: (site) => `${countText(site.CompletedCount)} of ${countText(site.DeviceCount)}`,
    figure: true,
  },
  {
    name: 'Volume',
    by: (site) => site.TotalBytes,
    cell: (site) => bytesText(site.TotalBytes),
    figure: true,
  },
  {
    name: 'Copies over its line',
    by: (site) => site.SourceCopies ?? -1,
    cell: (site) => site.SourceCopies?.toFixed(2) ?? '–',
    figure: true,
  },
];
