import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { bytesText } from '../figures/format.ts';
import { type SourceBytes, sourceKinds } from '../figures/share-bar.tsx';

export interface DayVolume {
  /** `2027-01-31`. */
  day: string;
  bytes: SourceBytes;
}

const height = 220;
/** Steps of the axis that are whole in KiB, MiB, … */
const powersOfTwo = Array.from({ length: 50 }, (_, i) => 2 ** i);

/** What came from where, day by day: bars upon each other. The table beside it says the same. */
export default function VolumeChart({ days }: { days: DayVolume[] }) {
  const box = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  // biome-ignore lint/correctness/useExhaustiveDependencies: other colours need another drawing.
  useEffect(() => {
    const element = box.current!;
    const chart = new uPlot(options(element.clientWidth), dataOf(days), element);
    const observer = new ResizeObserver(() =>
      chart.setSize({ width: element.clientWidth, height }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [days, scheme]);
  return <div ref={box} className="chart" aria-hidden="true" />;
}

/** The tallest bar is drawn first, the others upon it: each is the sum of those below. */
function dataOf(days: DayVolume[]): uPlot.AlignedData {
  const times = days.map(({ day }) => Date.parse(`${day}T00:00:00Z`) / 1_000);
  const stacks = sourceKinds.map((_, top) =>
    days.map(({ bytes }) =>
      sourceKinds.slice(0, top + 1).reduce((sum, { kind }) => sum + bytes[kind], 0),
    ),
  );
  return [times, ...stacks.toReversed()];
}

function options(width: number): uPlot.Options {
  const colour = (name: string) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--mantine-color-dimmed'),
    grid: { stroke: colour('--edge'), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'UTC'),
    scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.05 : 1] }, x: { range: wide } },
    axes: [
      { ...axis, grid: { show: false }, values: (_, days) => days.map(dayName) },
      {
        ...axis,
        size: 76,
        incrs: powersOfTwo,
        values: (_, values) => values.map((value) => bytesText(value)),
      },
    ],
    series: [
      {},
      ...sourceKinds.toReversed().map(({ name, kind }) => ({
        label: name,
        fill: colour(`--${kind}`),
        stroke: colour(`--${kind}`),
        width: 0,
        paths: uPlot.paths.bars!({ size: [0.7, 60] }),
        points: { show: false },
      })),
    ],
  };
}

/** Half a day more on either side, so that the first and the last bar are whole. */
function wide(_: uPlot, min: number, max: number): [number, number] {
  return [min - 43_200, max + 43_200];
}

function dayName(seconds: number): string {
  const date = new Date(seconds * 1_000);
  if (date.getUTCHours() !== 0) return '';
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
}
