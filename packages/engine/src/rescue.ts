import type { Reason, SourceId } from './events.ts';
import type { Flight, Flights } from './flights.ts';
import type { Requests } from './requests.ts';
import type { Round } from './round.ts';
import { isMute, muteMs, type SourceState, silent } from './source-state.ts';
import type { Sources } from './sources.ts';

/** A second request must be expected to save at least this. HTTP saves more or stays out: it may be thin. */
const minGainMs = { peer: 1_000, cache: 1_500, http: 2_000 };
/** The same of a device that is alone: the line is its own. */
const aloneGainMs = 300;
/**
 * Only what has been waited for so long is rescued, ms: on a busy site everybody is slow for a moment,
 * and what is asked twice does not make it less busy.
 */
const waitedMs = {
  alone: { peer: 500, origin: 500 },
  foreground: { peer: 1_000, origin: 1_000 },
  background: { peer: 2_000, origin: 5_000 },
};
/** In the background an origin must save so many times as much. */
const backgroundFactor = 2.5;
/** What HTTP must save when another device is the one to fetch the piece. */
const outOfTurn = 3;
/** What an origin must save when the piece comes over the same line already. */
const sameLine = 5;
/** For a gain like this the budget may be overdrawn once: the first promise counts more. */
const greatGainMs = 5_000;
/** Who owes us pieces and has sent nothing for so long loses them, ms. */
const silentMs = { alone: 3_000, foreground: 3_000, background: 5_000 };
/** An origin that is so many times as fast takes over what another was at for so long, to save so much, ms. */
const outrun = {
  factor: { alone: 4, foreground: 8, background: 8 },
  waitedMs: { alone: 600, foreground: 1_000, background: 4_000 },
  gainMs: { alone: 300, foreground: 300, background: 1_000 },
};
/** When what a mute origin was asked for should be here, ms: not in time. */
const muteArrivalMs = 60_000;
/** Nothing is late before this, ms. */
const firstLookMs = Math.min(muteMs.foreground, muteMs.alone);
/** More flights are not looked at: this is for the last few pieces. */
const maxCandidates = 128;

/** Who would bring what is late. */
export interface Helper {
  source: SourceState;
  /** What a piece takes it, ms. */
  pieceMs: number;
  /** An origin that is clearly faster than all peers together: what they are at it brings as if there were none. */
  outpacesPeers?: boolean;
}

interface Late {
  flight: Flight;
  source: SourceState;
  piece: number;
  /** Requests before it at its source. */
  queued: number;
  /** When it should be here, ms from now. */
  arrival: number;
}

/**
 * The hedged end: what would come after everything else is asked of a source that would bring it
 * clearly sooner. A request that has not begun, or has stopped, is moved and wastes nothing; one
 * that is on its way is made a second time, and the loser is cancelled.
 */
export class Rescuer {
  readonly #pieceSize: number;
  /** Bytes that second requests may waste: 1 % of the content, or a piece. */
  #budget: number;
  readonly #overdraft: number;
  #round: Round | undefined;
  #found: Late[] = [];
  readonly #flights: Flights;
  readonly #sources: Sources;
  readonly #requests: Requests;

  constructor(
    options: { pieceCount: number; pieceSize: number },
    flights: Flights,
    sources: Sources,
    requests: Requests,
  ) {
    this.#pieceSize = options.pieceSize;
    this.#budget = options.pieceSize * Math.max(1, options.pieceCount / 100);
    this.#overdraft = -this.#budget;
    this.#flights = flights;
    this.#sources = sources;
    this.#requests = requests;
  }

  /** Lets who has nothing else to do bring the piece in flight that it speeds up most. @returns whether there was one */
  rescue(helper: Helper, round: Round): boolean {
    const late = this.#find(helper, round);
    if (!late) return false;
    const { source, pieceMs: ownMs } = helper;
    const { now } = round;
    const otherMs = this.#soonest(late);
    if (this.#bringsNothing(late.source, round)) {
      this.#requests.cancelAll(late.source);
      this.#requests.fault(late.source, silent, now);
    } else if (isWaiting(late) || this.#outruns(source, late, round)) {
      this.#requests.cancel(late.flight);
    } else {
      this.#budget -= this.#waste(helper, late, round);
      const second = this.#flights.of(late.piece)[1];
      if (second) this.#requests.cancel(second);
    }
    const moved: Reason = source.kind === 'peer' ? 'peer' : 'floor';
    const reason = this.#flights.of(late.piece).length > 0 ? 'hedge' : moved;
    const weighed = { ownMs, otherMs };
    this.#requests.start(source, { first: late.piece, count: 1 }, reason, now, weighed);
    return true;
  }

  #find(helper: Helper, round: Round): Late | undefined {
    const { source, pieceMs } = helper;
    let best: Late | undefined;
    let bestGain = 0;
    for (const late of this.#late(round)) {
      const arrival = this.#soonest(late);
      const gain = arrival - Math.max(pieceMs, round.restMs);
      if (arrival < 2 * pieceMs || gain <= bestGain || !this.#canTake(source, late)) continue;
      if (gain <= this.#minGain(source, late, round)) continue;
      const isMoved = this.#outruns(source, late, round);
      if (!isMoved && !this.#isAffordable(helper, late, gain, round)) continue;
      best = late;
      bestGain = gain;
    }
    return best;
  }

  /** What would come clearly after all the rest; searched once a round, and mostly nothing. */
  #late(round: Round): Late[] {
    if (this.#round === round) return this.#found;
    this.#round = round;
    this.#found = [];
    // They are in the order they were begun: when the first is not waited for so long, none is.
    const [first] = this.#flights.all();
    if (!first || round.now - first.startedAt < firstLookMs) return this.#found;
    const ahead = new Map<SourceId, number>();
    let looked = 0;
    for (const flight of this.#flights.all()) {
      if (++looked > maxCandidates) break;
      const source = this.#sources.get(flight.source);
      const piece = flight.pending.list().at(-1);
      if (!source || piece === undefined) continue;
      const queued = ahead.get(source.id) ?? 0;
      ahead.set(source.id, queued + 1);
      if (flight.reason === 'stream') continue;
      const arrival = this.#arrivalMs(flight, source, queued, round);
      const least = round.haste === 'alone' ? aloneGainMs : minGainMs.peer;
      if (arrival - round.restMs <= least) continue;
      this.#found.push({ flight, source, piece, queued, arrival });
    }
    return this.#found;
  }

  /** When the piece should be here, by whichever request; 0 if one of them is not late. */
  #soonest({ piece }: Late): number {
    const arrivals = this.#flights
      .of(piece)
      .map((flight) => this.#found.find((l) => l.flight === flight)?.arrival ?? 0);
    return Math.min(...arrivals);
  }

  #canTake(source: SourceState, { flight, source: other, piece }: Late): boolean {
    // It may have been rescued, or its source cut off, since the search.
    if (other === source || !flight.pending.has(piece)) return false;
    // Of two requests the later one is given up for a third.
    const both = this.#flights.of(piece);
    if (both.length > 1 && (both[0] !== flight || both.some((f) => f.source === source.id))) {
      return false;
    }
    return source.kind !== 'peer' || source.has.has(piece);
  }

  #minGain(source: SourceState, late: Late, round: Round): number {
    // Nothing has come, nothing is wasted.
    if (isMute(late.source, muteMs[round.haste], round.now)) return 0;
    const waited = round.now - late.flight.startedAt;
    const by = source.kind === 'peer' ? 'peer' : 'origin';
    if (this.#outruns(source, late, round)) {
      return waited < outrun.waitedMs[round.haste]
        ? Number.POSITIVE_INFINITY
        : outrun.gainMs[round.haste];
    }
    if (waited < waitedMs[round.haste][by]) return Number.POSITIVE_INFINITY;
    if (round.haste === 'alone' && late.source.kind === 'peer') return aloneGainMs;
    if (source.kind === 'peer') return minGainMs.peer;
    const least = minGainMs[source.kind] * (round.haste === 'background' ? backgroundFactor : 1);
    if (late.source.kind !== 'peer') return sameLine * least;
    return source.kind === 'http' && !round.leads(late.piece) ? outOfTurn * least : least;
  }

  #isAffordable(helper: Helper, late: Late, gain: number, round: Round): boolean {
    const { source } = helper;
    if (isWaiting(late) || isDue(helper, late)) return true;
    if (this.#bringsNothing(late.source, round)) return true;
    // Who is alone wastes what a slow peer has sent, and that is at most a piece of each.
    if (round.haste === 'alone' && source.kind !== 'peer' && late.source.kind === 'peer')
      return true;
    if (gain <= greatGainMs) return this.#budget > 0;
    return this.#budget > this.#overdraft || this.#isHopeless(source, late, round);
  }

  /** One origin is measured to be so much faster than another that what the other was at is moved. */
  #outruns(source: SourceState, { source: slow }: Late, { now, haste }: Round): boolean {
    if (source.kind === 'peer' || slow.kind === 'peer') return false;
    const rate = source.goodput.known(now);
    return slow.goodput.known(now) > 0 && rate > outrun.factor[haste] * slow.goodput.rate(now);
  }

  /**
   * A peer so slow beside an origin that to wait for it breaks the first promise, whatever it has sent. What comes from
   * elsewhere comes over the same line as from the origin: twice is no help if that is what is short.
   */
  #isHopeless(origin: SourceState, { source: peer }: Late, { now, flow }: Round): boolean {
    if (origin.kind === 'peer' || peer.kind !== 'peer') return false;
    const little = origin.goodput.known(now) / outrun.factor.background;
    return peer.goodput.rate(now) < little && (peer.sameSite || flow.rate < little);
  }

  #bringsNothing(source: SourceState, { now, haste }: Round): boolean {
    return now - source.heardAt > silentMs[haste] || isMute(source, muteMs[haste], now);
  }

  /** When the last piece of a flight should be here. A peer sends one after the other, HTTP side by side. */
  #arrivalMs(flight: Flight, source: SourceState, queued: number, round: Round): number {
    const { now, haste } = round;
    if (isMute(source, muteMs[haste], now)) return muteArrivalMs;
    const rate = source.goodput.known(now);
    const bytes =
      source.kind === 'peer'
        ? Math.max(0, (queued + 1) * this.#pieceSize - source.headBytes)
        : flight.pending.size * source.fetches * this.#pieceSize;
    // A queue that does not move has no measured time: count how long it has been silent.
    return Math.max(rate > 0 ? (1000 * bytes) / rate : 0, now - source.heardAt);
  }

  /**
   * What has come of the piece, and still will, bytes: a peer sends what it has begun to its end. Nobody
   * says how far each of an origin's requests is, so each counts as its share of them. What a second origin
   * brings may be a second copy over the same thin line: that counts whole.
   */
  #waste({ source: by, pieceMs }: Helper, { source }: Late, { now, restMs }: Round): number {
    if (by.kind !== 'peer' && source.kind !== 'peer') return this.#pieceSize;
    const meanwhile = (source.goodput.rate(now) * (pieceMs + restMs)) / 1000;
    const requests = source.kind === 'peer' ? 1 : Math.max(1, source.fetches);
    return Math.min(this.#pieceSize, (source.headBytes + meanwhile) / requests);
  }
}

/** The first promise counts more than what it wastes. */
function isDue({ outpacesPeers = false }: Helper, { source }: Late): boolean {
  return outpacesPeers && source.kind === 'peer';
}

function isWaiting({ source, queued }: Late): boolean {
  return source.kind === 'peer' && queued > 0;
}
