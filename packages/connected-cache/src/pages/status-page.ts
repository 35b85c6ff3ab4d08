import { createHash } from 'node:crypto';
import { type Sample, slotMs } from '../watch/history.ts';
import { mbps, type NodeStatus } from '../watch/node-status.ts';
import { escaped, plot, table } from './html.ts';

const style = `body{font:14px system-ui,sans-serif;margin:2em auto;max-width:760px;color:#222;background:#fff}
h1{font-size:1.3em}h2{font-size:1.05em;margin-top:1.6em}table{border-collapse:collapse;width:100%}
td,th{text-align:right;padding:2px 8px;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}
figure{margin:1em 0}svg{width:100%;border-bottom:1px solid #999;border-left:1px solid #999}
polyline{fill:none;stroke:#06c;stroke-width:1.5}polyline.in{stroke:#c60}polyline.ratio{stroke:#383}
b.out{color:#06c}b.in{color:#c60}b.ratio{color:#383}i{color:#777}.bad{color:#b00}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#111}td,th{border-color:#333}}`;

/** What a browser may do with the page: show it. No script, no other file, in nobody's frame. */
export const statusPagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256')
  .update(style)
  .digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** How often the page is read anew, s: as the IoT node's summary. */
const refreshSeconds = 15;

/** The status page: one HTML text, nothing to load beside it. */
export function statusPage(status: NodeStatus, samples: readonly Sample[]): string {
  const { State, Stats, LastDay, FirstByteMs, Contents, Hosts, Issues, MaxBytes } = status;
  const figures = [
    ['', 'last 24 h', 'since the start'],
    ['Cache efficiency', `${LastDay.CacheEfficiency} %`, percent(status.Summary.hitRatioBytes)],
    [
      'Sent',
      `${LastDay.AverageEgressMbps} Mbit/s on average, ${LastDay.EgressMbpsMax} at most`,
      size(Stats.EgressBytes),
    ],
    [
      'From sources',
      `${LastDay.AverageMissMbps} Mbit/s on average, ${LastDay.MissMbpsMax} at most`,
      size(Stats.SourceBytes),
    ],
    ['Requests', `${samples.reduce((sum, s) => sum + s.requests, 0)}`, `${Stats.Requests}`],
    ['First byte of a hit', '', `p50 ≤ ${FirstByteMs.HitP50} ms, p99 ≤ ${FirstByteMs.HitP99} ms`],
    ['On disk', '', `${size(Stats.CacheBytes)} of ${size(MaxBytes)}, ${Stats.Objects} objects`],
    ['Under way', '', `${Stats.ActiveAnswers} answers, ${Stats.ActiveFills} fills`],
  ];
  const rate = (pick: (s: Sample) => number) => samples.map((s) => mbps(pick(s), slotMs));
  const ratio = samples.map((s) => (s.egressBytes > 0 ? (100 * s.hitBytes) / s.egressBytes : 0));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sluice cache node</title>
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="${refreshSeconds}">
<style>${style}</style></head><body>
<h1>Sluice cache node: <span${State === 'Healthy' ? '' : ' class="bad"'}>${State}</span></h1>
<p>Up since ${escaped(status.StartTime)}.${registrationText(status)}</p>
${table(figures)}
${plot('Traffic, 24 h', 'Mbit/s', [
  { label: 'sent', className: 'out', values: rate((s) => s.egressBytes) },
  { label: 'from sources', className: 'in', values: rate((s) => s.sourceBytes) },
])}
${plot('From the cache, 24 h', '%', [{ label: 'share of bytes', className: 'ratio', values: ratio }])}
<h2>Issues</h2>
${Issues.length === 0 ? '<p>None.</p>' : table([['Type', 'About', 'What', 'Since', 'Until'], ...Issues.toReversed().map((i) => [i.Type, i.Subject, i.Detail, i.StartTime, i.EndTime ?? 'now'])])}
<h2>Volume by content type</h2>
${sharesTable('Content', Contents)}
<h2>Volume by source host</h2>
${sharesTable('Host', Hosts)}
</body></html>
`;
}

function registrationText({ Registration }: NodeStatus): string {
  if (!Registration) return '';
  const { Cloud, State, Name } = Registration;
  return ` At ${escaped(Cloud)}: ${escaped(State)}${Name === null ? '' : `, as ${escaped(Name)}`}.`;
}

function sharesTable(name: string, shares: NodeStatus['Hosts']): string {
  const rows = shares.map((s) => [
    s.name,
    `${s.requests}`,
    size(s.hitBytes + s.missBytes),
    percent(s.hitBytes / Math.max(1, s.hitBytes + s.missBytes)),
  ]);
  return table([[name, 'Requests', 'Sent', 'From the cache'], ...rows]);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function size(bytes: number): string {
  const exponent = bytes < 1000 ? 0 : Math.min(5, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** exponent;
  return `${exponent === 0 ? value : value.toFixed(1)} ${['B', 'kB', 'MB', 'GB', 'TB', 'PB'][exponent]}`;
}
