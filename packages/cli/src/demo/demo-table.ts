import type { DownloadStatus } from '@sluice/protocol';
import type { Paint } from '../terminal/colour.ts';
import { formatBytes, formatElapsed } from '../terminal/format.ts';
import { type SourceShare, sourceShares } from '../terminal/source-share.ts';
import { formatTable } from '../terminal/table.ts';
import type { DemoReport } from './demo-types.ts';

/** Who got how much from where, how many copies left the source, and how long it took. */
export function demoTable(report: DemoReport, paint: Paint): string {
  const kinds = kindsOf(report.Devices);
  const rows = report.Devices.map((status, i) => [
    `device ${i + 1}`,
    ...kinds.map((kind) => cell(status, kind, paint)),
    formatElapsed(status.DownloadDuration),
    status.Verified ? paint('green', 'verified') : paint('red', 'NOT VERIFIED'),
  ]);
  const head = ['', ...kinds.map((kind) => paint(kind.colour, kind.name)), 'time', 'SHA-256'];
  const delivered = report.FileSize * report.Devices.length;
  return [
    formatTable([head, ...rows]),
    '',
    `left the source  ${formatBytes(report.SourceBytes)}, ${ratio(report.SourceBytes, report.FileSize)} copies of the file`,
    `came twice       ${formatBytes(report.DuplicateBytes)}, ${ratio(report.DuplicateBytes * 100, delivered)} % of what was delivered`,
    `took             ${formatElapsed(report.ElapsedMs)}`,
    `SHA-256          ${report.Sha256}`,
  ].join('\n');
}

/** The kinds of sources that any device used, each once. */
function kindsOf(devices: readonly DownloadStatus[]): SourceShare[] {
  const all = devices.flatMap(sourceShares);
  return [...new Map(all.map((share) => [share.name, share])).values()];
}

function cell(status: DownloadStatus, kind: SourceShare, paint: Paint): string {
  const share = sourceShares(status).find((s) => s.name === kind.name);
  return share ? paint(share.colour, formatBytes(share.bytes)) : '-';
}

function ratio(part: number, whole: number): string {
  return (whole > 0 ? part / whole : 0).toFixed(2);
}
