import type { SwarmDevice } from '@sluice/protocol';
import { rateText } from '../figures/format.ts';
import { missingOf } from './missing.ts';

/** Devices that are drawn; of more those that receive or send most. */
const drawn = 24;
const width = 820;
const rowHeight = 26;
const sourceX = 150;
const deviceX = 420;
const barWidth = 150;

const sources = [
  { name: 'HTTP source', kind: 'http', rate: 'Http' },
  { name: 'Cache node', kind: 'cache', rate: 'CacheServer' },
  { name: 'Other devices', kind: 'lan', rate: 'Peers' },
] as const;

/** From which kind of source how much flows to which device: a line each, as wide as it is fast. */
export function FlowPicture({
  devices,
  length,
}: {
  devices: SwarmDevice[];
  length: number | null;
}) {
  const shown = devices
    .toSorted((a, b) => busy(b) - busy(a))
    .slice(0, drawn)
    .toSorted(byPlace);
  const height = Math.max(shown.length * rowHeight, 3 * 60) + 20;
  const sourceY = (i: number) => (height * (i + 0.5)) / sources.length;
  const deviceY = (i: number) => (height * (i + 0.5)) / shown.length;
  const fastest = Math.max(1, ...shown.flatMap((d) => sources.map((s) => d.Rates?.[s.rate] ?? 0)));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section className="table-scroll" aria-label="What flows, drawn" tabIndex={0}>
      <svg
        className="flows"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={inWords(devices)}
      >
        {shown.flatMap((device, d) =>
          sources.map(({ kind, rate }, s) => (
            <Flow
              key={`${device.PeerId} ${kind}`}
              kind={kind}
              share={(device.Rates?.[rate] ?? 0) / fastest}
              from={sourceY(s)}
              to={deviceY(d)}
            />
          )),
        )}
        {sources.map(({ name, kind, rate }, s) => (
          <g key={kind}>
            <rect
              className={`fill-${kind}`}
              x={sourceX - 6}
              y={sourceY(s) - 16}
              width="6"
              height="32"
              rx="2"
            />
            <text className="flow-name" x={sourceX - 14} y={sourceY(s) - 2} textAnchor="end">
              {name}
            </text>
            <text className="flow-rate" x={sourceX - 14} y={sourceY(s) + 14} textAnchor="end">
              {rateText(devices.reduce((sum, device) => sum + (device.Rates?.[rate] ?? 0), 0))}
            </text>
          </g>
        ))}
        {shown.map((device, d) => (
          <DeviceMark key={device.PeerId} device={device} y={deviceY(d)} length={length} />
        ))}
      </svg>
    </section>
  );
}

function Flow({
  kind,
  share,
  from,
  to,
}: {
  kind: string;
  share: number;
  from: number;
  to: number;
}) {
  if (share <= 0) return null;
  const middle = (sourceX + deviceX) / 2;
  const path = `M${sourceX} ${from} C${middle} ${from} ${middle} ${to} ${deviceX} ${to}`;
  return <path className={`flow stroke-${kind}`} d={path} strokeWidth={1 + 7 * Math.sqrt(share)} />;
}

function DeviceMark({
  device,
  y,
  length,
}: {
  device: SwarmDevice;
  y: number;
  length: number | null;
}) {
  const has = length
    ? Math.max(0, 1 - missingOf(device, length) / length)
    : Number(device.Left === 0);
  return (
    <g>
      <rect className="bar-ground" x={deviceX} y={y - 6} width={barWidth} height="12" rx="3" />
      <rect className="bar-done" x={deviceX} y={y - 6} width={barWidth * has} height="12" rx="3" />
      <text className="flow-rate" x={deviceX + barWidth + 8} y={y + 4}>
        {device.PeerId.slice(0, 8)} {device.Left === 0 ? 'complete' : `${Math.floor(100 * has)} %`}
        {` · ${device.Site}`}
      </text>
    </g>
  );
}

function busy({ Rates, Left }: SwarmDevice): number {
  const rate = Rates ? Rates.Http + Rates.CacheServer + Rates.Peers + Rates.Upload : 0;
  return rate + (Left > 0 ? 1 : 0);
}

function byPlace(a: SwarmDevice, b: SwarmDevice): number {
  return a.Site.localeCompare(b.Site) || a.PeerId.localeCompare(b.PeerId);
}

function inWords(devices: SwarmDevice[]): string {
  const flows = sources.map(({ name, rate }) => {
    const all = devices.reduce((sum, device) => sum + (device.Rates?.[rate] ?? 0), 0);
    return `${name} ${rateText(all)}`;
  });
  return `To ${devices.length} devices: ${flows.join(', ')}. The table below has each of them.`;
}
