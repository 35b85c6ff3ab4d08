import { Alert, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { cacheNodes } from '../api/cache-nodes.ts';
import { useHealth } from '../api/health.ts';
import { daysBack, useReport, type Volumes } from '../api/reports.ts';
import { openIssues } from '../cache-nodes/node-state.tsx';
import { Tiles } from '../figures/facts.tsx';
import { bytesText, countText, percentText } from '../figures/format.ts';
import { WindowSelect } from '../forms/window-select.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { NoEvents } from '../layout/no-events.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { hrefOf } from '../routing/route.ts';
import { ReasonsPanel } from './reasons-panel.tsx';
import { type DayRow, VolumePanel } from './volume-panel.tsx';

interface Summary extends Volumes {
  P2PPercent: number;
  CachePercent: number;
  DeviceCount: number;
  P2PDeviceCount: number;
}

/** How much was saved, by what, and whether all is well now. */
export default function OverviewPage() {
  const [days, setDays] = useState(28);
  const from = daysBack(days);
  const summary = useReport<Summary>('summary', { from });
  const volumes = useReport<DayRow>('volume-by-day', { from });
  const row = summary.data?.Rows[0];
  return (
    <>
      <PageHead
        title="Overview"
        about="What devices fetched, and what of it stayed off the line to the source."
      >
        <WindowSelect days={days} onDays={setDays} />
      </PageHead>
      <Fault error={summary.error ?? volumes.error} />
      <Alarmed />
      {summary.isPending && <Loader aria-label="Loading" />}
      {row && row.TotalBytes > 0 && <Savings row={row} />}
      <NowTiles />
      {row?.TotalBytes === 0 && <NothingTold />}
      {volumes.data && row && row.TotalBytes > 0 && (
        <VolumePanel rows={volumes.data.Rows} from={from} to={volumes.data.To} />
      )}
      {/* Downloads that failed before a byte came are told, too. */}
      {volumes.data && volumes.data.Rows.length > 0 && <ReasonsPanel from={from} />}
    </>
  );
}

function Savings({ row }: { row: Summary }) {
  const saved = row.TotalBytes - row.BytesFromCDN;
  return (
    <Tiles
      tiles={[
        {
          name: 'Saved',
          figure: percentText(row.BWOptPercent, 100),
          hint: `${bytesText(saved)} of ${bytesText(row.TotalBytes)}`,
        },
        { name: 'From peers', figure: percentText(row.P2PPercent, 100) },
        { name: 'From cache nodes', figure: percentText(row.CachePercent, 100) },
        {
          name: 'Devices',
          figure: countText(row.DeviceCount),
          hint: `${countText(row.P2PDeviceCount)} tell that they are set to have peers`,
        },
      ]}
    />
  );
}

/** No download has ended yet. */
function NothingTold() {
  const { data } = useHealth();
  if (!data?.Peers) return <NoEvents what="downloads" />;
  return (
    <EmptyState title="The first downloads are under way">
      What they saved will be here when they have ended. <a href={hrefOf('live')}>Watch them</a>{' '}
      meanwhile.
    </EmptyState>
  );
}

/** What cannot wait. */
function Alarmed() {
  const { data } = useHealth();
  if (!data?.Alarms) return null;
  return (
    <Alert color="red" mb="md" role="status" title="Somebody said other bytes than before">
      <a href={hrefOf('alarms')}>
        {data.Alarms === 1 ? 'Look at the alarm' : `Look at ${data.Alarms} alarms`}
      </a>
    </Alert>
  );
}

/** The moment. */
function NowTiles() {
  const health = useHealth();
  const nodes = useQuery({
    queryKey: ['cache-nodes'],
    queryFn: cacheNodes,
    refetchInterval: 10_000,
  });
  const healthy = nodes.data?.filter((node) => node.State === 'Healthy').length ?? 0;
  const issues = nodes.data?.flatMap(openIssues).length ?? 0;
  if (!health.data || !nodes.data) return <Fault error={health.error ?? nodes.error} />;
  return (
    <Tiles
      tiles={[
        {
          name: 'Contents live now',
          figure: countOrNone(health.data.Swarms),
          hint: <a href={hrefOf('live')}>Watch them</a>,
        },
        { name: 'Devices at them', figure: countOrNone(health.data.Peers) },
        {
          name: 'Cache nodes healthy',
          figure: `${healthy} of ${nodes.data.length}`,
          hint: <a href={hrefOf('cache-nodes')}>{issues === 1 ? '1 issue' : `${issues} issues`}</a>,
        },
      ]}
    />
  );
}

function countOrNone(count: number | undefined): string {
  return count === undefined ? '–' : countText(count);
}
