import { bytesIn, type ReportBytes } from '../api/reports.ts';
import { percentText } from '../figures/format.ts';
import { ShareBar } from '../figures/share-bar.tsx';
import type { Column } from './data-table.tsx';

/** What stayed off the source, and where all came from. */
export const savingsColumns: Column<ReportBytes & { BWOptPercent: number }>[] = [
  {
    name: 'Saved',
    by: (row) => row.BWOptPercent,
    cell: (row) => percentText(row.BWOptPercent, 100),
    figure: true,
  },
  { name: 'From where', cell: (row) => <ShareBar bytes={bytesIn(row)} /> },
];
