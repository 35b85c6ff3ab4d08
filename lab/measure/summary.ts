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

export function summarize(run: ToolRun, file: { size: number }, link: Link): Summary {
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

/** Head and rows of the table of tools. */
export function summaryRows(summaries: readonly (readonly [string, Summary])[]): string[][] {
  const head = [
    '',
    'last device',
    'median',
    'WAN down',
    'WAN up',
    'until WAN',
    'after WAN',
    'twice',
    'CPU s',
    'RSS MiB',
  ];
  const rows = summaries.map(([name, s]) => [
    name,
    s.lastDevice.toFixed(2),
    s.medianDevice.toFixed(2),
    s.wanDown.toFixed(3),
    s.wanUp.toFixed(3),
    `${(s.wanStartMs / 1000).toFixed(1)} s`,
    `${(s.afterWanMs / 1000).toFixed(1)} s`,
    s.duplicates === null ? '-' : `${(s.duplicates * 100).toFixed(2)} %`,
    s.cpuSecondsPerDevice.toFixed(2),
    (s.peakRss / 1024 ** 2).toFixed(0),
  ]);
  return [head, ...rows];
}
