import { Button, Loader } from '@mantine/core';
import type { CacheNodeView } from '@sluice/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { cacheNodes } from '../api/cache-nodes.ts';
import { bytesText, countText, timeText } from '../figures/format.ts';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { hrefOf } from '../routing/route.ts';
import { useMay } from '../session/session.ts';
import { type Column, DataTable } from '../tables/data-table.tsx';
import { NewNode } from './new-node.tsx';
import { efficiencyText, egressText, NodeState, openIssues } from './node-state.tsx';

export function CacheNodesPage() {
  const may = useMay('operator');
  const [creating, setCreating] = useState(false);
  const { data, error, isPending } = useQuery({
    queryKey: ['cache-nodes'],
    queryFn: cacheNodes,
    refetchInterval: 10_000,
  });
  const create = may && <Button onClick={() => setCreating(true)}>New cache node</Button>;
  return (
    <>
      <PageHead
        title="Cache nodes"
        about="Caches on site: one copy over the line, however many devices ask."
      >
        {create}
      </PageHead>
      <Fault error={error} />
      {isPending && <Loader aria-label="Loading" />}
      {data?.length === 0 && (
        <EmptyState title="There is no cache node yet">
          <p>Make one here, then start it at the site with the key that you get:</p>
          <pre>sluice cache-node --cloud {window.location.origin} --registration-key-file FILE</pre>
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <DataTable label="Cache nodes" columns={columns} rows={data} rowKey={(node) => node.Name} />
      )}
      <NewNode opened={creating} onClose={() => setCreating(false)} />
    </>
  );
}

const columns: Column<CacheNodeView>[] = [
  {
    name: 'Name',
    by: (node) => node.Name,
    cell: (node) => <a href={hrefOf('cache-nodes', node.Name)}>{node.Name}</a>,
  },
  { name: 'State', by: (node) => node.State, cell: (node) => <NodeState node={node} /> },
  {
    name: 'Told to devices',
    by: (node) => Number(node.IsHandedOut),
    cell: (node) => (node.IsHandedOut ? 'yes' : 'no'),
  },
  {
    name: 'Egress',
    by: (node) => node.Heartbeat?.EgressMbps ?? -1,
    cell: egressText,
    figure: true,
  },
  { name: 'From its cache', cell: efficiencyText, figure: true },
  {
    name: 'Holds',
    by: (node) => node.Heartbeat?.CacheBytes ?? -1,
    cell: (node) => (node.Heartbeat ? bytesText(node.Heartbeat.CacheBytes) : '–'),
    figure: true,
  },
  {
    name: 'Issues',
    by: (node) => openIssues(node).length,
    cell: (node) => countText(openIssues(node).length),
    figure: true,
  },
  {
    name: 'Last heard',
    by: (node) => node.LastHeartbeat ?? '',
    cell: (node) => timeText(node.LastHeartbeat),
    figure: true,
  },
];
