import { useReport } from '../api/reports.ts';
import { countText } from '../figures/format.ts';
import { wordsOf } from '../figures/words.ts';
import { Panel } from '../layout/panel.tsx';
import { DataTable } from '../tables/data-table.tsx';

interface Reason {
  Reason: string;
  Count: number;
}

/** Why peers were not used, and what went wrong, the most frequent first. */
export function ReasonsPanel({ from, content }: { from: string; content?: string }) {
  const peers = useReport<Reason>('peers-not-used', { from, content, limit: 8 });
  const errors = useReport<Reason>('errors', { from, content, limit: 8 });
  return (
    <div className="side-by-side">
      <Panel title="Why peers were not used">
        <Reasons reasons={peers.data?.Rows} none="Nothing kept any download from peers." />
      </Panel>
      <Panel title="What went wrong">
        <Reasons reasons={errors.data?.Rows} none="No download failed." />
      </Panel>
    </div>
  );
}

function Reasons({ reasons, none }: { reasons: Reason[] | undefined; none: string }) {
  if (!reasons) return null;
  if (reasons.length === 0) return <p className="hint">{none}</p>;
  return (
    <DataTable
      label="Reasons"
      rows={reasons}
      rowKey={(row) => row.Reason}
      columns={[
        { name: 'Reason', cell: (row) => <span title={row.Reason}>{wordsOf(row.Reason)}</span> },
        { name: 'Times', cell: (row) => countText(row.Count), figure: true },
      ]}
    />
  );
}
