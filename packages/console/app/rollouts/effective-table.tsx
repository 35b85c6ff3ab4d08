import { Loader } from '@mantine/core';
import type { EffectiveSettings } from '@sluice/protocol';
import { useQuery } from '@tanstack/react-query';
import { effectiveSettings } from '../api/rollouts.ts';
import { Fault } from '../layout/fault.tsx';
import { type Column, DataTable } from '../tables/data-table.tsx';

type Row = EffectiveSettings['Settings'][number];

/** What the cloud sets on a device, and by which rollout. */
export function EffectiveTable({ device }: { device: string }) {
  const { data, error } = useQuery({
    queryKey: ['effective', device],
    queryFn: () => effectiveSettings(device),
  });
  if (error) return <Fault error={error} />;
  if (!data) return <Loader aria-label="Loading" />;
  return (
    <>
      {data.Settings.length === 0 ? (
        <p className="hint">The cloud sets nothing on it.</p>
      ) : (
        <DataTable
          label="What the cloud sets"
          columns={columns}
          rows={data.Settings}
          rowKey={(row) => row.Name}
        />
      )}
      <ul className="events">
        {data.Rollouts.map((rollout) => (
          <li key={rollout.Name}>
            {rollout.Name}: {rollout.IsIn ? `in, ${rollout.Variant}` : 'not in'}{' '}
            <span className="hint">
              {rollout.Bucket === null
                ? `reaches ${rollout.Percent} %`
                : `its place is ${rollout.Bucket.toFixed(1)} of 100, it reaches ${rollout.Percent}`}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

const columns: Column<Row>[] = [
  { name: 'Setting', by: (row) => row.Name, cell: (row) => row.Name },
  { name: 'Value', cell: (row) => String(row.Value) },
  { name: 'As', cell: (row) => (row.Kind === 'Forced' ? 'forced' : 'default') },
  {
    name: 'By',
    cell: (row) => (row.Rollout === null ? 'policy for all' : `${row.Rollout}, ${row.Variant}`),
  },
];
