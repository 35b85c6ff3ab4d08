import { Badge, Loader } from '@mantine/core';
import type { SwarmDevice } from '@sluice/protocol';
import { useQuery } from '@tanstack/react-query';
import { nameOf } from '../api/contents.ts';
import { swarm } from '../api/swarms.ts';
import { Tiles } from '../figures/facts.tsx';
import { bytesText, countText, rateText } from '../figures/format.ts';
import { ProgressBar } from '../figures/progress-bar.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { Panel } from '../layout/panel.tsx';
import { hrefOf } from '../routing/route.ts';
import { type Column, DataTable } from '../tables/data-table.tsx';
import { FlowPicture } from './flow-picture.tsx';
import { missingOf } from './missing.ts';
import { useLiveDevices } from './use-live-devices.ts';

/** One content while it spreads. */
export function SwarmPage({ contentId }: { contentId: string }) {
  const { data, error } = useQuery({
    queryKey: ['swarms', contentId],
    queryFn: () => swarm(contentId),
  });
  const { devices, isLive } = useLiveDevices(contentId);
  if (error) return <Fault error={error} />;
  if (!data || !devices) return <Loader aria-label="Loading" />;
  const length = data.ContentLength;
  return (
    <>
      <PageHead
        title={nameOf(data)}
        about={<a href={hrefOf('content', contentId)}>About this content</a>}
      >
        <Badge color={isLive ? 'green' : 'gray'} variant="light" tt="none" role="status">
          {isLive ? 'live' : 'not connected'}
        </Badge>
      </PageHead>
      {devices.length === 0 ? (
        <EmptyState title="No device is at this content now">
          <a href={hrefOf('live')}>See what is live</a>
        </EmptyState>
      ) : (
        <>
          <Figures devices={devices} />
          <Panel title="What flows">
            <FlowPicture devices={devices} length={length} />
            <p className="hint">
              Rates lie between the last two joins of each device, 5 to 60 seconds apart.
            </p>
          </Panel>
          <Panel title="Devices">
            <DataTable
              label="Devices at this content"
              columns={columnsFor(length)}
              rows={devices}
              rowKey={(device) => device.PeerId}
            />
          </Panel>
        </>
      )}
    </>
  );
}

function Figures({ devices }: { devices: SwarmDevice[] }) {
  const sum = (of: (device: SwarmDevice) => number) =>
    devices.reduce((total, device) => total + of(device), 0);
  const rate = (of: 'Http' | 'CacheServer' | 'Peers') => rateText(sum((d) => d.Rates?.[of] ?? 0));
  const bytes = (of: 'BytesFromHttp' | 'BytesFromCacheServer' | 'BytesFromPeers') =>
    bytesText(sum((d) => d[of]));
  return (
    <Tiles
      tiles={[
        {
          name: 'Devices',
          figure: countText(devices.length),
          hint: `${countText(devices.filter((d) => d.Left === 0).length)} have all of it`,
        },
        { name: 'From the HTTP source', figure: bytes('BytesFromHttp'), hint: rate('Http') },
        {
          name: 'From cache nodes',
          figure: bytes('BytesFromCacheServer'),
          hint: rate('CacheServer'),
        },
        { name: 'From peers', figure: bytes('BytesFromPeers'), hint: rate('Peers') },
      ]}
    />
  );
}

const columnsFor = (length: number | null): Column<SwarmDevice>[] => [
  {
    name: 'Device',
    by: (d) => d.PeerId,
    cell: (d) => <code title={d.PeerId}>{d.PeerId.slice(0, 12)}</code>,
    whole: true,
  },
  { name: 'Site', by: (d) => d.Site, cell: (d) => d.Site },
  {
    name: 'Has',
    by: (d) => -missingOf(d, length),
    cell: (d) => (
      <ProgressBar
        label={`Progress of ${d.PeerId.slice(0, 12)}`}
        done={(length ?? 0) - missingOf(d, length)}
        whole={length}
      />
    ),
  },
  {
    name: 'HTTP',
    by: (d) => d.BytesFromHttp,
    cell: (d) => bytesText(d.BytesFromHttp),
    figure: true,
  },
  {
    name: 'Cache',
    by: (d) => d.BytesFromCacheServer,
    cell: (d) => bytesText(d.BytesFromCacheServer),
    figure: true,
  },
  {
    name: 'Peers',
    by: (d) => d.BytesFromPeers,
    cell: (d) => bytesText(d.BytesFromPeers),
    figure: true,
  },
  {
    name: 'Sent',
    by: (d) => d.BytesUploaded,
    cell: (d) => bytesText(d.BytesUploaded),
    figure: true,
  },
];
