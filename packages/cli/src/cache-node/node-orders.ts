import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { connectCacheNode, type NodeStatus, type PreheatReport } from '@sluice/connected-cache';
import { sluiceError } from '@sluice/protocol';
import { exitCodes } from '../errors/exit-codes.ts';
import { ReportedFailure } from '../errors/reported-failure.ts';
import { listenForStop } from '../process/stop-signal.ts';
import { formatBytes, formatElapsed } from '../terminal/format.ts';
import { print, printJson } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';
import { type StateFlags, stateDirOf } from './state-dir.ts';

interface OrderFlags extends StateFlags {
  json?: boolean;
}

const askMs = 300;

/** `sluice cache-node status` */
export async function showStatus(flags: OrderFlags): Promise<void> {
  const control = await connectCacheNode(stateDirOf(flags));
  const status = await control.status();
  if (flags.json) printJson(status);
  else print(statusText(status));
}

/** `sluice cache-node preheat`. Ends with 1 when a URL could not be fetched. */
export async function preheat(
  urls: readonly string[],
  flags: OrderFlags & { from?: string; rate?: number },
): Promise<void> {
  const all = [...urls, ...(flags.from === undefined ? [] : await urlsIn(flags.from))];
  if (all.length === 0) {
    throw sluiceError('InvalidArgument', { name: 'url', detail: 'no URL, nor --from FILE' });
  }
  const control = await connectCacheNode(stateDirOf(flags));
  using stop = listenForStop();
  const told = new Set<number>();
  let report = await control.preheat({ Urls: all, Rate: flags.rate });
  const follow = () => {
    for (const [i, result] of report.Results.entries()) {
      if (told.has(i) || result.State === 'Waiting' || result.State === 'Running') continue;
      told.add(i);
      if (flags.json) printJson(result);
      else print(resultLine(result));
    }
    if (process.stderr.isTTY && !flags.json) process.stderr.write(progressLine(report));
  };
  while (report.State === 'Running') {
    follow();
    await delay(askMs, undefined, { signal: stop.signal }).catch(() => {
      // Ctrl-C cancels the job, too.
    });
    report = stop.signal.aborted
      ? await control.cancelPreheat(report.Id)
      : await control.preheated(report.Id);
    if (stop.signal.aborted) break;
  }
  follow();
  if (stop.signal.aborted) throw sluiceError('Cancelled');
  const failed = report.Results.some((r) => r.State === 'Failed' || r.State === 'Cancelled');
  if (failed) throw new ReportedFailure(exitCodes.Failed[0]);
}

/** A URL a line; empty lines and those that begin with # are left out. */
async function urlsIn(file: string): Promise<string[]> {
  const text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8').catch(
    (cause: unknown) => {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw sluiceError('InvalidArgument', { name: '--from', detail }, { cause });
    },
  );
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function resultLine(result: PreheatReport['Results'][number]): string {
  const { State, Url, FetchedBytes, Length } = result;
  const of = Length === null ? '' : ` of ${formatBytes(Length)}`;
  return `${State}  ${Url}  ${result.Error?.Message ?? formatBytes(FetchedBytes) + of}`;
}

function progressLine({ Results, State }: PreheatReport): string {
  if (State === 'Ended') return '\r\x1b[K';
  const ended = Results.filter((r) => r.State !== 'Waiting' && r.State !== 'Running').length;
  const bytes = Results.reduce((sum, r) => sum + r.FetchedBytes, 0);
  return `\r\x1b[K${ended} of ${Results.length} URLs, ${formatBytes(bytes)} fetched`;
}

function statusText(status: NodeStatus): string {
  const { State, UptimeSeconds, Stats, LastDay, FirstByteMs, Contents, Issues, MaxBytes } = status;
  const facts = [
    ['State', State],
    ['Up for', formatElapsed(UptimeSeconds * 1000)],
    ['Cache efficiency, 24 h', `${LastDay.CacheEfficiency} %`],
    ['Sent', `${formatBytes(Stats.EgressBytes)}, ${LastDay.EgressMbpsMax} Mbit/s at most`],
    ['From sources', `${formatBytes(Stats.SourceBytes)}, ${LastDay.MissMbpsMax} Mbit/s at most`],
    ['Requests', `${Stats.Requests}, ${Stats.ActiveAnswers} under way`],
    ['First byte of a hit', `p50 ${FirstByteMs.HitP50} ms, p99 ${FirstByteMs.HitP99} ms at most`],
    [
      'On disk',
      `${formatBytes(Stats.CacheBytes)} of ${formatBytes(MaxBytes)}, ${Stats.Objects} objects`,
    ],
  ];
  const width = Math.max(...facts.map(([name]) => name!.length));
  const parts = [facts.map(([name, text]) => `${name!.padEnd(width)}  ${text}`).join('\n')];
  if (status.Registration) {
    const { State: state, Name, Cloud } = status.Registration;
    parts.push(`Cloud ${Cloud}: ${state}${Name === null ? '' : ` as ${Name}`}`);
  }
  if (Contents.length > 0) {
    const rows = Contents.map((c) => [
      c.name,
      `${c.requests}`,
      formatBytes(c.hitBytes),
      formatBytes(c.missBytes),
    ]);
    parts.push(formatTable([['Content', 'Requests', 'From cache', 'From source'], ...rows]));
  }
  for (const i of Issues) {
    parts.push(`${i.Type} ${i.Subject}: ${i.Detail} (${i.StartTime} to ${i.EndTime ?? 'now'})`);
  }
  return parts.join('\n\n');
}
