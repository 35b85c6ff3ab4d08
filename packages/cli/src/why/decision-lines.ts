import type { DownloadWhy } from '@sluice/protocol';
import { formatBytes, formatElapsed } from '../terminal/format.ts';
import { sourceText } from './source-names.ts';

type Decision = DownloadWhy['Decisions'][0];

/** Pieces of one line that are named. */
const maxNamed = 5;

/** Why a piece was asked of where it was. */
export const reasonWords: Record<NonNullable<Decision['Reason']>, string> = {
  peer: 'a peer had it',
  responsible: 'no peer had it',
  takeOver: 'the device whose turn it was is late',
  floor: 'peers have it and are slower',
  hedge: 'a second request, the first is late',
  stream: 'the source can only stream it whole',
};

const faultWords: Record<string, string> = {
  badPieces: 'it sent several bad pieces',
  silent: 'it owed pieces and sent nothing',
  incomplete: 'it ended before all was there',
};

const words: Record<Exclude<Decision['Type'], 'asked'>, (d: Decision) => string> = {
  added: () => 'is there',
  choked: () => 'does not send for now',
  unchoked: () => 'sends',
  sequential: () => 'serves no ranges: only the whole can be streamed',
  gone: ({ Bytes = 0 }) => `is gone, it brought ${formatBytes(Bytes)}`,
  backedOff: ({ Because = '', UntilMs = 0, AtMs }) =>
    `is left alone for ${formatElapsed(UntilMs - AtMs)}: ${faultWords[Because] ?? Because}`,
  banned: ({ Because = '' }) => `is banned: ${faultWords[Because] ?? Because}`,
  givenUp: ({ Because = '' }) => `is given up: ${faultWords[Because] ?? Because}`,
  originHeld: () => 'HTTP and cache wait: peers are looked for first',
  originFreed: () => 'HTTP and cache may be used',
  toForeground: () => 'it is in the foreground from now on: somebody waits for it',
  toBackground: () => 'it is in the background from now on: it makes way for others',
};

/** Decisions in lines, the oldest first: requests in a row to one source, for one reason, are one line. */
export function decisionLines(decisions: readonly Decision[]): string[] {
  const rows: Decision[][] = [];
  for (const d of decisions) {
    const row = rows.at(-1);
    if (row && isAlike(row[0]!, d)) row.push(d);
    else rows.push([d]);
  }
  return rows.map(lineOf);
}

function isAlike(a: Decision, b: Decision): boolean {
  const isRequest = a.Type === 'asked' && b.Type === 'asked';
  return isRequest && a.Label === b.Label && a.Reason === b.Reason;
}

/** The time since the start of the download, who, what. */
function lineOf(row: readonly Decision[]): string {
  const [first] = row;
  const { AtMs, Type, Source, Label = '' } = first!;
  const at = `${(AtMs / 1000).toFixed(3)} s`.padStart(10);
  const source = Source ? `${sourceText(Source, Label)} ` : '';
  return `${at}  ${source}${Type === 'asked' ? requestWords(row) : words[Type](first!)}`;
}

function requestWords(row: readonly Decision[]): string {
  const { Reason = 'peer' } = row[0]!;
  const pieces = row.reduce((sum, d) => sum + (d.Pieces ?? 0), 0);
  const named = row.slice(0, maxNamed).map(runText).join(', ');
  const more = row.length > maxNamed ? ', …' : '';
  const what = pieces === 1 ? `piece ${named}` : `${pieces} pieces, ${named}${more}`;
  return `asked for ${what}: ${reasonWords[Reason]}${weighed(row[0]!)}`;
}

function runText({ FirstPiece = 0, Pieces = 1 }: Decision): string {
  return Pieces > 1 ? `${FirstPiece}-${FirstPiece + Pieces - 1}` : `${FirstPiece}`;
}

/** What the choice was made from; of several requests the first speaks for all. */
function weighed({ Reason, Holders = 0, OwnMs = 0, OtherMs }: Decision): string {
  const facts = [
    ...(Reason === 'peer' && Holders > 1 ? [`${Holders} had it`] : []),
    ...(OwnMs > 0 ? [`${formatElapsed(OwnMs)} here`] : []),
    ...(OtherMs === undefined ? [] : [otherwise(OtherMs)]),
  ];
  return facts.length > 0 ? ` (${facts.join(', ')})` : '';
}

function otherwise(ms: number | null): string {
  return ms === null ? 'else not at all' : `else ${formatElapsed(ms)}`;
}
