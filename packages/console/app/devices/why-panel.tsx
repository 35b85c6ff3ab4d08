import { bytesText, countText } from '../figures/format.ts';
import { wordsOf } from '../figures/words.ts';
import { Panel } from '../layout/panel.tsx';
import { type Column, DataTable } from '../tables/data-table.tsx';
import type { ToldEvent } from './device.ts';

interface Brought {
  Source: string;
  Reason: string;
  AskedPieces: number;
  Pieces: number;
  Bytes: number;
}

interface NotUsed {
  Rule: string;
  PeerClass: string | null;
  Count: number;
}

const sourceNames: Record<string, string> = {
  http: 'HTTP source',
  cache: 'Cache node',
  Lan: 'LAN peers',
  LinkLocal: 'Link-local peers',
  Group: 'Group peers',
  Internet: 'Internet peers',
};

/** As `sluice why` words them. */
const reasons: Record<string, string> = {
  peer: 'a peer had it',
  responsible: 'no peer had it, and it was this device’s turn',
  takeOver: 'the device whose turn it was was late',
  floor: 'peers had it and were slower',
  hedge: 'a second request, since the first was late',
  stream: 'there was no hash list, so it came in one stream',
};

/** Why each source was asked, and why peers were not. */
export function WhyPanel({ event }: { event: ToldEvent }) {
  const brought = (event.SourceBytes ?? []) as Brought[];
  const notUsed = (event.PeersNotUsed ?? []) as NotUsed[];
  return (
    <Panel title="Why">
      {brought.length === 0 ? (
        <p className="hint">It has not told yet which source brought what.</p>
      ) : (
        <DataTable
          label="Why each source was asked"
          columns={broughtColumns}
          rows={brought}
          rowKey={(row) => `${row.Source} ${row.Reason}`}
        />
      )}
      {notUsed.length > 0 && (
        <>
          <h3>Why peers were not used</h3>
          <DataTable
            label="Why peers were not used"
            columns={notUsedColumns}
            rows={notUsed}
            rowKey={(row) => `${row.Rule} ${row.PeerClass}`}
          />
        </>
      )}
    </Panel>
  );
}

const broughtColumns: Column<Brought>[] = [
  { name: 'Source', cell: (row) => sourceNames[row.Source] ?? row.Source },
  { name: 'Because', cell: (row) => reasons[row.Reason] ?? row.Reason },
  { name: 'Asked for', cell: (row) => `${countText(row.AskedPieces)} pieces`, figure: true },
  { name: 'Brought', cell: (row) => `${countText(row.Pieces)} pieces`, figure: true },
  { name: 'Bytes', cell: (row) => bytesText(row.Bytes), figure: true },
];

const notUsedColumns: Column<NotUsed>[] = [
  { name: 'Rule', cell: (row) => <span title={row.Rule}>{wordsOf(row.Rule)}</span> },
  {
    name: 'Which peers',
    cell: (row) => (row.PeerClass === null ? 'all' : sourceNames[row.PeerClass]),
  },
  { name: 'Times', cell: (row) => countText(row.Count), figure: true },
];
