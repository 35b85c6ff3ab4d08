import { stripVTControlCharacters } from 'node:util';
import type { Paint } from './colour.ts';
import { formatBytes, formatClock, formatPercent, formatRate } from './format.ts';
import { formatShares, type SourceShare } from './source-share.ts';

/** What a progress bar shows. */
export interface ProgressView {
  /** Bytes there. */
  done: number;
  /** Bytes in all; undefined or 0 while not known. */
  total: number | undefined;
  /** Bytes/s. */
  rate: number;
  /** What the bar is coloured by; empty for work without sources. */
  shares: readonly SourceShare[];
  /** In place of the rate and ETA, when it does not move: `verifying`, `done`, `failed`. */
  state?: string | undefined;
}

const bar = { min: 10, max: 40 };

/**
 * One line of at most `width` columns. What does not fit is left out, the least important first: bytes
 * by source, then bytes, then the ETA; the bar takes what is left over.
 */
export function progressLine(view: ProgressView, width: number, paint: Paint, label = ''): string {
  const total = view.total || undefined;
  const percent = total === undefined ? '' : formatPercent(view.done, total).padStart(5);
  // Padded, so that the bar does not jump when a number gets longer.
  const done = formatBytes(view.done).padStart(8);
  const bytes = total === undefined ? done : `${done} of ${formatBytes(total)}`;
  const pace = (view.state ?? formatRate(view.rate)).padEnd(10);
  const eta = view.state || total === undefined ? '' : etaOf(view.done, total, view.rate);
  const shares = formatShares(view.shares, paint);
  const head = label === '' ? percent : `${label} ${percent}`;
  // From full to bare.
  const tails = [[bytes, pace, eta, shares], [bytes, pace, eta], [pace, eta], [pace], []].map(
    (parts) => parts.filter((part) => part !== '').join('  '),
  );
  const room = (tail: string) => width - columns(head) - columns(tail) - 5;
  const tail = tails.find((t) => room(t) >= bar.min) ?? '';
  const size = Math.min(bar.max, room(tail));
  if (size < 1) return head.slice(0, Math.max(0, width));
  return `${head} [${drawBar(view, total, size, paint)}] ${tail}`.trimEnd();
}

function etaOf(done: number, total: number, rate: number): string {
  return `ETA ${formatClock(rate > 0 ? (total - done) / rate : undefined).padEnd(5)}`;
}

/** The bar in cells, those of each source in its colour, in the order of the shares. */
function drawBar(
  view: ProgressView,
  total: number | undefined,
  size: number,
  paint: Paint,
): string {
  if (total === undefined) return ' '.repeat(size);
  const cellsOf = (bytes: number) => Math.round(Math.min(1, bytes / total) * size);
  const filled = cellsOf(view.done);
  const sum = view.shares.reduce((n, share) => n + share.bytes, 0);
  let drawn = '';
  let cells = 0;
  let upTo = 0;
  for (const share of view.shares) {
    // Of the running sum, so that roundings do not add up; in parts of what is done, because shares
    // also count bytes that came twice.
    upTo += share.bytes;
    const end = Math.round((upTo / sum) * filled);
    drawn += paint(share.colour, '='.repeat(end - cells));
    cells = end;
  }
  return drawn + '='.repeat(filled - cells) + ' '.repeat(size - filled);
}

/** Columns on a terminal. Only ASCII and labels of ours go in, so that every character is one column. */
function columns(text: string): number {
  return stripVTControlCharacters(text).length;
}
