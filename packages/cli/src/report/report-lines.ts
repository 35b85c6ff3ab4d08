import { stripVTControlCharacters } from 'node:util';
import type { ReportReply } from '@sluice/protocol';
import { formatBytes, formatElapsed } from '../terminal/format.ts';
import { formatTable } from '../terminal/table.ts';

/** Columns that a terminal has no room for: what says the same in other words, or in every row. */
const hidden = new Set([
  ...['AzureADTenantId', 'GlobalDeviceId', 'TenantId', 'Type', 'TimeGenerated', 'Tenant', 'Event'],
  ...['BytesFromIntPeers', 'NoPeersCount', 'PeersUnknownCount', 'DownloadModeSrc', 'EventId'],
]);
/** Of one row a terminal shows the fields one below the other. */
const cellWidth = 28;

/** A report for a terminal: a table, and what the whole of it comes to. */
export function reportLines({ From, To, Rows, Next }: ReportReply): string[] {
  const days = `${From} to ${To}`;
  const [first] = Rows;
  if (!first) return [`nothing was told from ${days}`];
  const names = Object.keys(first).filter((name) => !hidden.has(name));
  if (Rows.length === 1) {
    return [days, '', formatTable(names.map((name) => [name, cellOf(name, first[name]!)]))];
  }
  // Columns that are empty everywhere tell nothing.
  const shown = names.filter((name) => Rows.some((row) => row[name] !== null && row[name] !== ''));
  const cells = Rows.map((row) => shown.map((name) => cellOf(name, row[name] ?? null)));
  const table = formatTable([shown, ...cells]);
  const more = Next === null ? '' : ', and more: see --limit';
  return [table, '', [`${Rows.length} rows from ${days}${more}`, savings(Rows)].join('')];
}

type Cell = ReportReply['Rows'][number][string];

function cellOf(name: string, value: Cell): string {
  if (value === null) return '-';
  if (typeof value === 'string') return plain(value);
  if (name.startsWith('Bytes') || /(?:Bytes|Length)$|^Volume/.test(name)) return formatBytes(value);
  if (/Percent/.test(name)) return `${value.toFixed(1)} %`;
  if (/Ms$/.test(name)) return formatElapsed(value);
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

/** Names come from devices: no control characters, and no longer than a cell. */
function plain(text: string): string {
  const safe = stripVTControlCharacters(text).replace(/[^\P{C}]/gu, '');
  return safe.length > cellWidth ? `${safe.slice(0, cellWidth - 1)}…` : safe;
}

/** What all rows together saved, by the formula of the reports. */
function savings(rows: ReportReply['Rows']): string {
  const sum = (name: string) => rows.reduce((n, row) => n + (Number(row[name]) || 0), 0);
  const local = sum('BytesFromPeers') + sum('BytesFromGroupPeers') + sum('BytesFromCache');
  const total = local + sum('BytesFromCDN');
  if (total === 0) return '';
  return `: ${formatBytes(total)}, ${((100 * local) / total).toFixed(1)} % not from the source`;
}
