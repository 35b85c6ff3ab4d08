import type { Report, Verdict } from '@sluice/simulator';
import type { Paint } from '../terminal/colour.ts';
import { formatBytes, formatElapsed } from '../terminal/format.ts';
import { formatTable } from '../terminal/table.ts';

/** A run as a user reads it: times against the bound, where the bytes came from, and the limits. */
export function simulationTable(
  report: Report,
  verdicts: readonly Verdict[],
  cpuSeconds: number,
  paint: Paint,
): string {
  const { times, ratio, bound } = report;
  const keys = ['p50', 'p95', 'p99', 'p999', 'last'] as const;
  const head = ['', '50 %', '95 %', '99 %', '99.9 %', 'all'];
  const time = (s: number) => inWords(s) ?? formatElapsed(1000 * s);
  const where = bound.site === undefined ? '' : ` of ${bound.site}`;
  return [
    `${report.name}, seed ${report.seed}: ${report.devices} devices, ${formatBytes(report.contentBytes)} in ${report.pieces} pieces`,
    '',
    formatTable([
      head,
      ['time', ...keys.map((k) => time(times[k]))],
      ['ratio to the bound', ...keys.map((k) => inWords(ratio[k]) ?? ratio[k].toFixed(3))],
    ]),
    '',
    `bound         ${time(bound.seconds)} (${bound.term}${where})`,
    `HTTP alone    the slowest device ${toHttpAlone(report)}`,
    `source        ${report.sourceCopies.toFixed(3)} copies; over a site's line ${report.siteCopies.most.toFixed(3)} at most, ${report.siteCopies.mean.toFixed(3)} on average`,
    `delivered     ${shares(report)}`,
    `came twice    ${percent(report.duplicates)}, bad ${formatBytes(report.badBytes)}`,
    `fairness      ${report.fairness.toFixed(3)} (Jain index of what devices sent)`,
    `control       ${formatBytes(report.control.bytes)} (have ${formatBytes(report.control.haves)}, requests ${formatBytes(report.control.requests)}, claims ${formatBytes(report.control.claims)})`,
    `took          ${formatElapsed(1000 * report.seconds)} of virtual time, ${cpuSeconds.toFixed(1)} s of CPU, ${report.decisions} decisions`,
    '',
    formatTable(verdicts.map((v) => verdictRow(v, paint))),
  ].join('\n');
}

/** What is no number: of nobody, or of who never came to the end. */
function inWords(n: number): string | undefined {
  if (Number.isNaN(n)) return '–';
  return Number.isFinite(n) ? undefined : 'never';
}

function toHttpAlone({ toHttpAlone: n }: Report): string {
  return Number.isFinite(n) ? `took ${n.toFixed(3)} times as long` : 'never came to its end';
}

function verdictRow({ name, limit, value, isMet }: Verdict, paint: Paint): string[] {
  const sign = name.startsWith('min') ? '≥' : '≤';
  const shown = inWords(value) ?? (Number.isInteger(value) ? String(value) : value.toFixed(4));
  return [name, shown, sign, String(limit), isMet ? paint('green', 'met') : paint('red', 'MISSED')];
}

function shares({ bytes }: Report): string {
  const total = Object.values(bytes).reduce((a, b) => a + b, 0);
  return Object.entries(bytes)
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${name} ${percent(n / Math.max(1, total))}`)
    .join(', ');
}

function percent(part: number): string {
  return `${(100 * part).toFixed(part < 0.1 ? 2 : 1)} %`;
}
