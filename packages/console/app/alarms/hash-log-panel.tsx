import type { LoggedStatement } from '@sluice/protocol';
import { hashLogPage } from '../api/alarms.ts';
import { usePages } from '../api/pages.ts';
import { timeText } from '../figures/format.ts';
import { Panel } from '../layout/panel.tsx';
import type { Column } from '../tables/data-table.tsx';
import { SearchedPages } from '../tables/searched-pages.tsx';

/** All that was ever said of URLs and their hash lists. */
export function HashLogPanel() {
  const pages = usePages(['hash-log'], hashLogPage);
  return (
    <Panel title="Log of hash lists">
      <SearchedPages
        label="Log of hash lists"
        searchLabel="Find by URL or hash"
        pages={pages}
        rows={pages.data?.pages.flatMap((page) => page.Entries)}
        columns={columns}
        rowKey={(entry) => String(entry.Seq)}
        textsOf={({ Url, HashOfHashes }) => [Url, HashOfHashes]}
        empty={<p className="hint">Nothing was published yet.</p>}
      />
    </Panel>
  );
}

const columns: Column<LoggedStatement>[] = [
  { name: 'No.', by: (entry) => entry.Seq, cell: (entry) => entry.Seq, figure: true },
  { name: 'Time', by: (entry) => entry.At, cell: (entry) => timeText(entry.At), figure: true },
  {
    name: 'URL and its state',
    by: (entry) => entry.Url,
    cell: (entry) => (
      <div className="name">
        {entry.Url}
        <div className="hint">{entry.Validator ?? 'no state: it binds nobody'}</div>
      </div>
    ),
  },
  { name: 'HashOfHashes', cell: (entry) => <code>{entry.HashOfHashes}</code> },
  { name: 'By', by: (entry) => entry.Origin, cell: (entry) => entry.Origin },
];
