import { Badge, Button, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { blocks, type KeptBlock, unblock } from '../api/content-rules.ts';
import { ConfirmButton } from '../forms/confirm-button.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { Panel } from '../layout/panel.tsx';
import { hrefOf } from '../routing/route.ts';
import { type Column, DataTable } from '../tables/data-table.tsx';
import { BlockDialog } from './block-dialog.tsx';

/** The kill switch: what may be had and shared no more. */
export function BlocksPanel({ may }: { may: boolean }) {
  const [adding, setAdding] = useState(false);
  const { data, error, isPending } = useQuery({ queryKey: ['blocks'], queryFn: blocks });
  return (
    <Panel
      title="Kill switch"
      actions={
        may && (
          <Button size="xs" color="red" onClick={() => setAdding(true)}>
            Block
          </Button>
        )
      }
    >
      <Fault error={error} />
      {isPending && <Loader aria-label="Loading" />}
      {data?.length === 0 && (
        <EmptyState title="Nothing is blocked">
          <p>To recall something from all devices, block it here or at a terminal:</p>
          <pre>
            sluice cloud content-policy block --url-prefix URL --reason TEXT --cloud{' '}
            {window.location.origin}
          </pre>
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <DataTable
          label="What is blocked"
          columns={columnsFor(may)}
          rows={data}
          rowKey={(one) => one.Id}
        />
      )}
      <BlockDialog opened={adding} onClose={() => setAdding(false)} />
    </Panel>
  );
}

const columnsFor = (may: boolean): Column<KeptBlock>[] => [
  { name: 'What', cell: (one) => <What block={one} /> },
  {
    name: 'Effect',
    by: (one) => one.Then,
    cell: (one) => (
      <Badge color={one.Then === 'Fail' ? 'red' : 'yellow'} variant="light" tt="none">
        {one.Then === 'Fail' ? 'nobody gets it' : 'from its source only'}
      </Badge>
    ),
  },
  { name: 'Reason', cell: (one) => <div className="name">{one.Reason}</div> },
  ...(may
    ? [
        {
          name: 'Change',
          cell: (one: KeptBlock) => (
            <ConfirmButton
              name="Unblock"
              question="Take this block back?"
              send={() => unblock(one.Id)}
            >
              Devices may get and share it again, within five minutes. What they deleted they fetch
              anew.
            </ConfirmButton>
          ),
        },
      ]
    : []),
];

/** A content that was blocked by its id is told to devices by its hash as well. */
function What({ block: { UrlPrefix, ContentId, HashOfHashes } }: { block: KeptBlock }) {
  return (
    <div className="name">
      {UrlPrefix !== undefined && (
        <div>
          {UrlPrefix}
          <span className="hint">, and all that begins so</span>
        </div>
      )}
      {ContentId !== undefined && <a href={hrefOf('content', ContentId)}>{ContentId}</a>}
      {HashOfHashes !== undefined && <div className="hint">HashOfHashes {HashOfHashes}</div>}
    </div>
  );
}
