import type { Flights } from './flights.ts';
import type { PieceTable } from './piece-table.ts';
import { self } from './responsibility.ts';
import type { Round } from './round.ts';
import type { PeerState } from './source-state.ts';

/** Wanted pieces that are looked at in a round, and how many of them may be found: keeps a round cheap. */
const maxLooks = 512;
const maxFound = 32;
/** When nothing was brought in for so long others are helped, whatever is theirs, ms: a device there may be unable to … */
const quietMs = { foreground: 3_000, background: 10_000 };
/** … for so long, and the next time for longer, ms; … */
const firstHelpMs = 30_000;
const maxHelpMs = 600_000;
/** … with so many pieces at a time: all others may do the same, and the line may just be slow. */
const maxHelp = 2;
/** A device of the site is slow with a piece when one elsewhere would bring it in so small a part of the time, and ms. */
const slack = { factor: 1.5, ms: 4_000 };

interface Found {
  piece: number;
  /** When a device of the site would bring it, ms. */
  nearMs: number;
}

/**
 * What to ask of devices elsewhere. As with HTTP, one device brings a piece in for all of the site, and what somebody
 * there has, and sends, is asked of nobody else.
 */
export class Elsewhere {
  readonly #table: PieceTable;
  readonly #flights: Flights;
  readonly #random: () => number;
  #round: Round | undefined;
  #found: Found[] = [];
  #helpUntil = Number.NEGATIVE_INFINITY;
  #helpMs = firstHelpMs;

  constructor(table: PieceTable, flights: Flights, random: () => number) {
    this.#table = table;
    this.#flights = flights;
    this.#random = random;
  }

  /** Whether there are others of the site to divide the work with. */
  get isShared(): boolean {
    return !this.#table.responsibility.isAlone;
  }

  /** The rarest piece that is to be asked of the peer; or -1. */
  pieceFor(peer: PeerState, round: Round): number {
    const { rarity, wanted } = this.#table;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const { piece, nearMs } of this.#all(round)) {
      if (!wanted.has(piece) || !peer.has.has(piece)) continue;
      if (siteSuffices(nearMs, round.arrivalMs(peer))) continue;
      const availability = rarity.availability(piece);
      if (availability >= least) continue;
      best = piece;
      least = availability;
    }
    return best;
  }

  /** When the best of those that may be asked would bring the piece, ms. */
  soonest(piece: number, round: Round): number {
    const best = round.soonest(piece);
    if (!this.isShared) return best;
    const nearMs = round.soonestOnSite(piece);
    return siteSuffices(nearMs, best) ? nearMs : best;
  }

  /** Searched once a round. */
  #all(round: Round): readonly Found[] {
    if (this.#round === round) return this.#found;
    this.#round = round;
    this.#found = [];
    const { wanted } = this.#table;
    let help = this.#isHelping(round) ? maxHelp - this.#helping(round) : 0;
    let piece = this.#nextWanted(Math.floor(this.#random() * wanted.length));
    for (let looks = Math.min(maxLooks, wanted.count); looks > 0; looks--) {
      if (this.#isOurs(piece, round)) this.#find(piece, round);
      else if (help > 0 && this.#find(piece, round)) help--;
      if (this.#found.length === maxFound) break;
      piece = this.#nextWanted(piece + 1);
    }
    return this.#found;
  }

  #nextWanted(from: number): number {
    const piece = this.#table.wanted.nextSet(from);
    return piece < 0 ? this.#table.wanted.nextSet(0) : piece;
  }

  #find(piece: number, round: Round): boolean {
    if (this.#table.rarity.availability(piece) === 0) return false;
    const nearMs = round.soonestOnSite(piece);
    if (siteSuffices(nearMs, 0)) return false;
    this.#found.push({ piece, nearMs });
    return true;
  }

  /** Whose piece it is that has it, and is too slow with it, it is that one's no longer. */
  #isOurs(piece: number, round: Round): boolean {
    const owner = this.#table.responsibility.owner(piece);
    if (this.#table.claimant(piece) !== undefined) return false;
    return owner === self || (round.has(owner, piece) && round.leads(piece));
  }

  #isHelping({ now, foreground }: Round): boolean {
    if (now < this.#helpUntil) return true;
    const patience = quietMs[foreground ? 'foreground' : 'background'];
    if (this.#flights.farPending > 0 || this.#table.sinceBroughtMs(now) < patience) return false;
    this.#helpUntil = now + this.#helpMs;
    this.#helpMs = Math.min(maxHelpMs, 2 * this.#helpMs);
    return true;
  }

  /** Pieces of others that were asked for. */
  #helping(round: Round): number {
    let n = 0;
    for (const f of this.#flights.all()) {
      if (f.fromPeer && !f.fromSite && !this.#isOurs(f.run.first, round)) n += f.pending.size;
    }
    return n;
  }
}

/** Whether devices of the site, who would bring a piece in `nearMs`, are not clearly later with it than `farMs`. */
function siteSuffices(nearMs: number, farMs: number): boolean {
  return nearMs <= slack.factor * farMs + slack.ms;
}
