import type { DownloadWhy, SourceClass } from '@sluice/protocol';
import type { Paint } from '../terminal/colour.ts';
import { formatBytes, formatPercentages } from '../terminal/format.ts';
import { formatTable } from '../terminal/table.ts';
import { decisionLines, reasonWords } from './decision-lines.ts';
import { sourceNames, sourceText } from './source-names.ts';

/** Sources of one download that are listed; the others are counted. */
const maxSources = 20;

/** The record of why, for people. @param lines of decisions, at most. */
export function explain(why: DownloadWhy, lines: number, paint: Paint): string {
  return [head(why), bytes(why, paint), sources(why), ruledOut(why, paint), decisions(why, lines)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function head(why: DownloadWhy): string {
  const size = why.FileSize > 0 ? `${formatBytes(why.FileSize)}, ` : '';
  const mode = `mode ${why.DownloadMode} (${why.DownloadModeReason})`;
  const named = why.NumPeers > 0 ? `, the cloud named ${count(why.NumPeers, 'peer')}` : '';
  const failed = why.Error ? `\n${why.Error.Message}` : '';
  return `${why.SourceURL}: ${size}${why.State}, ${mode}${named}${failed}`;
}

function bytes(why: DownloadWhy, paint: Paint): string {
  const total = why.Bytes.reduce((sum, b) => sum + b.Bytes, 0);
  const resumed =
    why.ResumedBytes > 0
      ? [`${formatBytes(why.ResumedBytes)} were on the disk before this run`]
      : [];
  const twice =
    why.DuplicateBytes > 0 ? [`${formatBytes(why.DuplicateBytes)} came for nothing, or twice`] : [];
  if (total === 0) {
    return [...resumed, 'nothing was fetched in this run of the agent', ...twice].join('\n');
  }
  const names = Object.keys(sourceNames) as SourceClass[];
  const sums = names.flatMap((from) => {
    const mine = why.Bytes.filter((b) => b.Source === from && b.Bytes > 0);
    const sum = mine.reduce((n, b) => n + b.Bytes, 0);
    if (sum === 0) return [];
    const pieces = mine.reduce((n, b) => n + b.Pieces, 0);
    const { name, colour } = sourceNames[from];
    const because = mine.map((b) => reasonOf(b, mine.length > 1)).join(', ');
    return [{ name: paint(colour, name), sum, pieces, because }];
  });
  const shares = formatPercentages(sums.map((s) => s.sum));
  const rows = sums.map(({ name, sum, pieces, because }, i) => ({
    cells: [name, formatBytes(sum), shares[i]!, `${pieces}`],
    because,
  }));
  const header = { cells: ['from', 'bytes', 'share', 'pieces'], because: 'because' };
  const all = [header, ...rows];
  const lines = formatTable(all.map((r) => r.cells)).split('\n');
  return [...lines.map((line, i) => `${line}  ${all[i]!.because}`), ...resumed, ...twice].join(
    '\n',
  );
}

function reasonOf({ Reason, Bytes }: DownloadWhy['Bytes'][0], isOneOfMany: boolean): string {
  return isOneOfMany ? `${reasonWords[Reason]} (${formatBytes(Bytes)})` : reasonWords[Reason];
}

const stateWords: Record<DownloadWhy['Sources'][0]['State'], string> = {
  Ready: '',
  Choked: ', it does not send at the moment',
  Resting: ', left alone after a fault',
  Dead: ', not asked any more',
  Gone: ', gone',
};

function sources({ Sources }: DownloadWhy): string {
  if (Sources.length === 0) return '';
  const sorted = [...Sources].sort((a, b) => b.Bytes - a.Bytes).slice(0, maxSources);
  const lines = sorted.map((s) => {
    const asked = `${s.Pieces} of ${count(s.AskedPieces, 'piece')} asked for`;
    const brought = s.AskedPieces > 0 ? `${asked}, ${formatBytes(s.Bytes)}` : 'not asked';
    return `  ${sourceText(s.Source, s.Label)}: ${brought}${stateWords[s.State]}`;
  });
  const more = Sources.length - sorted.length;
  const rest = more > 0 ? [`  and ${more} more`] : [];
  return ['could be asked, and brought', ...lines, ...rest].join('\n');
}

function ruledOut({ RuledOut }: DownloadWhy, paint: Paint): string {
  if (RuledOut.length === 0) return '';
  const lines = RuledOut.flatMap((r) => {
    const kind = r.PeerClass === null ? r.Affects : `${sourceNames[r.PeerClass].name} ${r.Affects}`;
    const by = r.SetBy === null ? '' : `, set by ${r.SetBy}`;
    const needed = r.Limit === '' ? '' : `; needed is ${r.Limit}`;
    return [
      `  ${paint('yellow', kind)}: ${r.Rule}: ${r.Actual}${by}${needed}${to(r)}`,
      `    ${r.Remedy}`,
    ];
  });
  return ['not used, and what would change that', ...lines].join('\n');
}

/** To whom it happened, and how often if that is more. */
function to({ Count, Subjects }: DownloadWhy['RuledOut'][0]): string {
  const often = Count > Math.max(1, Subjects.length) ? [`${Count} times`] : [];
  const told = [...Subjects, ...often];
  return told.length > 0 ? ` (${told.join(', ')})` : '';
}

function decisions({ Decisions, DecisionCount }: DownloadWhy, lines: number): string {
  if (Decisions.length === 0 || lines === 0) return '';
  const shown = decisionLines(Decisions).slice(-lines);
  return [`the last of ${count(DecisionCount, 'decision')}`, ...shown.map((l) => `  ${l}`)].join(
    '\n',
  );
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
