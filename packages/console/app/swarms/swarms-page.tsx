import { Loader } from '@mantine/core';
import type { SwarmEntry } from '@sluice/protocol';
import { useQuery } from '@tanstack/react-query';
import { nameOf } from '../api/contents.ts';
import { swarms } from '../api/swarms.ts';
import { countText, timeText } from '../figures/format.ts';
import { ShareBar } from '../figures/share-bar.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { hrefOf } from '../routing/route.ts';
import { type Column, DataTable } from '../tables/data-table.tsx';

/** What devices are at in this moment. */
export function SwarmsPage() {
  const { data, error, isPending } = useQuery({
    queryKey: ['swarms'],
    queryFn: swarms,
    refetchInterval: 3_000,
  });
  return (
    <>
      <PageHead
        title="Live"
        about="Contents that devices fetch or share now, by what they said at their latest joins."
      />
      <Fault error={error} />
      {isPending && <Loader aria-label="Loading" />}
      {data?.length === 0 && (
        <EmptyState title="No device is at any content now">
          <p>They show up here as soon as one fetches a published content:</p>
          <pre>sluice get URL --cloud {window.location.origin}</pre>
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <DataTable
          label="Contents that are live"
          columns={columns}
          rows={data}
          rowKey={(s) => s.ContentId}
        />
      )}
    </>
  );
}

const columns: Column<SwarmEntry>[] = [
  {
    name: 'Content',
    by: nameOf,
    cell: (swarm) => (
      <div className="name">
        <a href={hrefOf('live', swarm.ContentId)}>{nameOf(swarm)}</a>
      </div>
    ),
  },
  { name: 'Devices', by: (s) => s.Devices, cell: (s) => countText(s.Devices), figure: true },
  { name: 'Complete', by: (s) => s.Complete, cell: (s) => countText(s.Complete), figure: true },
  { name: 'Sites', by: (s) => s.Sites, cell: (s) => countText(s.Sites), figure: true },
  { name: 'From where', cell: (s) => <ShareBar bytes={bytesOf(s)} /> },
  { name: 'Last join', by: (s) => s.LastJoin, cell: (s) => timeText(s.LastJoin), figure: true },
];

/** Joins tell peers of all kinds in one figure; most are of the LAN. */
function bytesOf(swarm: SwarmEntry) {
  return {
    http: swarm.BytesFromHttp,
    cache: swarm.BytesFromCacheServer,
    lan: swarm.BytesFromPeers,
    group: 0,
    internet: 0,
  };
}
