import { policyNameOf, policySpec } from '@sluice/protocol/policy';
import { timeText } from '../figures/format.ts';
import { Panel } from '../layout/panel.tsx';
import { type Column, DataTable } from '../tables/data-table.tsx';
import type { ToldEvent } from './device.ts';

interface SetConfig {
  name: string;
  value: string;
  source: string;
}

/** The settings in force on a device that are not built in, and who set them, as it told itself. */
export function DeviceSettings({ snapshot }: { snapshot: ToldEvent }) {
  const told = snapshot.SetConfigs as Record<string, { Value: string | null; Source: string }>;
  const rows = Object.entries(told).map(([name, { Value, Source }]) => ({
    name,
    value: Value ?? 'not told',
    source: Source,
  }));
  return (
    <Panel title="Settings in force">
      {rows.length === 0 ? (
        <p className="hint">Nobody has set anything on it: what is built in holds.</p>
      ) : (
        <DataTable
          label="Settings in force"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.name}
        />
      )}
      <p className="hint">As of {timeText(snapshot.Time)}.</p>
    </Panel>
  );
}

const columns: Column<SetConfig>[] = [
  {
    name: 'Setting',
    by: (row) => row.name,
    cell: (row) => (
      <div className="name">
        {row.name}
        <div className="hint">{aboutOf(row.name)}</div>
      </div>
    ),
  },
  { name: 'Value', cell: (row) => row.value },
  { name: 'Set by', by: (row) => row.source, cell: (row) => row.source },
];

/** A newer device may have settings that this page does not know. */
function aboutOf(spelling: string): string {
  const name = policyNameOf(spelling);
  return name ? policySpec(name).about : '';
}
