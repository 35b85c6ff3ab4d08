import { claimMs } from './patience.ts';
import type { PieceTable } from './piece-table.ts';
import type { PeerState } from './source-state.ts';

/** Pieces looked at when searching one to take over. */
const maxProbes = 32;
/**
 * In a crowd most are idle by design, and the line belongs to the few who fetch: late is who takes so many times as
 * long as all together. Their shares differ as chance has it.
 */
const unevenness = 2;
/** So long in a crowd nobody is judged who has brought nothing, ms. */
const firstMomentsMs = 4_000;
/** A backlog is shared when it lasts longer than this many pieces take here, and this, ms … */
const backlogSlack = { pieces: 2, foregroundMs: 1_500, backgroundMs: 10_000 };
/** … and what another fetches already only then: it costs a second copy. */
const claimSlack = { pieces: 4, foregroundMs: 5_000, backgroundMs: 20_000 };

/**
 * A piece that its responsible device would bring much later than this one, which is idle, and when
 * that would be, ms; undefined if there is none.
 * @param mine what one piece would take this device, ms, and whether that was measured
 */
export function findLate(
  peers: readonly PeerState[],
  table: PieceTable,
  mine: { ms: number; measured: boolean },
  now: number,
  options: { pieceCount: number; pieceSize: number; random: () => number; foreground: boolean },
): { piece: number; ms: number } | undefined {
  const { pieceSize, pieceCount, random } = options;
  const slackMs = options.foreground ? 'foregroundMs' : 'backgroundMs';
  const { isCrowded } = table.responsibility;
  const counts = (p: PeerState) => !isCrowded || p.delivered > 0 || isOldHand(p, now);
  const working = peers.filter((p) => p.claimedRate > 0 && !p.lagging && counts(p));
  // What it said in its first moments may be much less than what it is seen to bring.
  const rates = working.map((p) => Math.max(p.claimedRate, p.bringing.rate(now)));
  const lasts = (pieces: number, rate: number) => (1000 * pieces * pieceSize) / rate;
  let latest: PeerState | undefined;
  let longest = backlogSlack.pieces * mine.ms + backlogSlack[slackMs];
  if (isCrowded && working.length > 1) {
    const pieces = working.reduce((sum, p) => sum + table.backlog(p.id), 0);
    const rate = rates.reduce((sum, each) => sum + each, 0);
    longest += unevenness * lasts(pieces, rate);
  }
  for (const [i, p] of working.entries()) {
    const ms = lasts(table.backlog(p.id), rates[i]!);
    if (ms > longest) [latest, longest] = [p, ms];
  }
  if (latest) {
    const from = Math.floor(random() * pieceCount);
    const piece = table.findNextInLine(latest.id, from, maxProbes);
    if (piece >= 0) return { piece, ms: longest };
  }
  if (!mine.measured) return undefined;
  for (const p of peers) {
    const ms = claimMs(p, pieceSize);
    if (ms <= claimSlack.pieces * mine.ms + claimSlack[slackMs]) continue;
    const piece = findClaimedBy(p, table);
    if (piece >= 0) return { piece, ms };
  }
  return undefined;
}

/** Where many begin at once, what the first moments bring says nothing. */
function isOldHand({ claims }: PeerState, now: number): boolean {
  return claims.some(({ since }) => now - since > firstMomentsMs);
}

function findClaimedBy(peer: PeerState, table: PieceTable): number {
  let probes = maxProbes;
  for (const { run } of peer.claims) {
    for (let p = run.first; p < run.first + run.count && probes-- > 0; p++) {
      if (!table.waiting.has(p) || table.claimant(p) !== peer.id) continue;
      if (table.responsibility.selfLeads(p, (o) => o !== peer.id)) return p;
    }
  }
  return -1;
}
