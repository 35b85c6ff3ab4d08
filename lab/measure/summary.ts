import type { Link } from '../network/link-shape.ts';
import { idealMs } from '../network/link-shape.ts';
import type { ToolRun } from '../tools/run-tool.ts';
import { mean, median, sum } from './statistics.ts';
import { reachedAt } from './wan-timeline.ts';

/** What one run of a tool comes to. Times are multiples of the file's size ÷ the WAN rate. */
export interface Summary {
  lastDevice: number;
  medianDevice: number;
  /** Bytes down the WAN link ÷ the file's size. */
  wanDown: number;
  wanUp: number;
  /** When the first percent of these bytes was there, ms. */
  wanStartMs: number;
  /** From the last but one percent of them to the last device's end, ms. */
  afterWanMs: number;
  /** Payload that came twice ÷ payload delivered; null where a tool does not tell. */
  duplicates: number | null;
  cpuSecondsPerDevice: number;
  /** Of the device that took most, bytes. */
  peakRss: number;
}

export function summarize(
  run: Omit<ToolRun, 'lines'>,
  file: { size: number },
  link: Link,
): Summary {
  const ideal = idealMs(file.size, link);
  const lastMs = Math.max(...run.devices.map((device) => device.elapsedMs));
  const times = run.devices.map((device) => device.elapsedMs / ideal);
  const twice = run.devices.map((device) => device.duplicateBytes);
  const told = twice.every((bytes) => bytes !== undefined);
  return {
    lastDevice: lastMs / ideal,
    medianDevice: median(times),
    wanDown: run.wan.received / file.size,
    wanUp: run.wan.sent / file.size,
    wanStartMs: reachedAt(run.timeline, 0.01) ?? 0,
    afterWanMs: lastMs - (reachedAt(run.timeline, 0.99) ?? 0),
    duplicates: told ? sum(twice) / (file.size * run.devices.length) : null,
    cpuSecondsPerDevice: mean(run.devices.map((device) => device.usage.cpuSeconds)),
    peakRss: Math.max(...run.devices.map((device) => device.usage.peakRss)),
  };
}

/** The median of each figure over rounds. */
export function medianSummary(rounds: readonly Summary[]): Summary {
  const of = (pick: (summary: Summary) => number) => median(rounds.map(pick));
  const told = rounds.every((round) => round.duplicates !== null);
  return {
    lastDevice: of((s) => s.lastDevice),
    medianDevice: of((s) => s.medianDevice),
    wanDown: of((s) => s.wanDown),
    wanUp: of((s) => s.wanUp),
    wanStartMs: of((s) => s.wanStartMs),
    afterWanMs: of((s) => s.afterWanMs),
    duplicates: told ? of((s) => s.duplicates!) : null,
    cpuSecondsPerDevice: of((s) => s.cpuSecondsPerDevice),
    peakRss: of((s) => s.peakRss),
  };
}

interface Column {
  head: string;
  of: (summary: Summary) => string;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** The columns that a table may have, by the name that chooses them. */
const columns = {
  last: { head: 'last device', of: (s) => s.lastDevice.toFixed(2) },
  median: { head: 'median', of: (s) => s.medianDevice.toFixed(2) },
  down: { head: 'WAN down', of: (s) => s.wanDown.toFixed(3) },
  up: { head: 'WAN up', of: (s) => s.wanUp.toFixed(3) },
  until: { head: 'until WAN', of: (s) => seconds(s.wanStartMs) },
  after: { head: 'after WAN', of: (s) => seconds(s.afterWanMs) },
  twice: {
    head: 'twice',
    of: (s) => (s.duplicates === null ? '-' : `${(s.duplicates * 100).toFixed(2)} %`),
  },
  cpu: { head: 'CPU s', of: (s) => s.cpuSecondsPerDevice.toFixed(2) },
  rss: { head: 'RSS MiB', of: (s) => (s.peakRss / 1024 ** 2).toFixed(0) },
} satisfies Record<string, Column>;

export type ColumnName = keyof typeof columns;
export const columnNames = Object.keys(columns) as ColumnName[];

/** Head and rows of the table of tools. */
export function summaryRows(
  summaries: readonly (readonly [string, Summary])[],
  names: readonly ColumnName[] = columnNames,
): string[][] {
  const chosen = names.map((name) => columns[name]);
  const head = ['', ...chosen.map((column) => column.head)];
  return [head, ...summaries.map(([name, s]) => [name, ...chosen.map((column) => column.of(s))])];
}
