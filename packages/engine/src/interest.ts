import type { Action } from './events.ts';
import type { PieceTable } from './piece-table.ts';
import type { PeerState } from './source-state.ts';

/**
 * A peer with nothing more of use is told so after this, ms. In a fleet that is in step it has something again
 * by then: two messages less for each piece and each peer, and as many looks at whom to serve.
 */
const lingerMs = 300;
/**
 * The same for a peer of this site that would send, and has not had to choke for a while: nobody seems to wait for the
 * slot. Where a thin line brings a few pieces per second to all of them, it has something again by then.
 */
const unhurried = { lingerMs: 1_500, unchokedMs: 2_000 };
/**
 * Who wants more pieces than this of what others have is behind, and tells at once: where the ways up are what is
 * short, somebody waits for the upload slot that it would keep.
 */
const inStepPieces = 8;

/** Tells peers whether they have anything that is of use here. */
export class Interest {
  readonly #table: PieceTable;
  readonly #act: (action: Action) => void;
  /** Peers that think us interested and have nothing of use, and since when; since undefined: just now. */
  readonly #lingering = new Map<PeerState, number | undefined>();

  constructor(table: PieceTable, act: (action: Action) => void) {
    this.#table = table;
    this.#act = act;
  }

  /** The peer has a first useful piece. */
  begin(peer: PeerState): void {
    if (this.#lingering.delete(peer)) return;
    this.#act({ type: 'interest', source: peer.id, interested: true });
  }

  /** The peer has no useful piece any more. */
  end(peer: PeerState): void {
    this.#lingering.set(peer, undefined);
  }

  /** The peer is gone. */
  forget(peer: PeerState): void {
    this.#lingering.delete(peer);
  }

  /** Tells those that have had nothing of use for a while. To be called with each decision. */
  settle(now: number): void {
    if (this.#lingering.size === 0) return;
    const mayLast = this.#table.availableCount <= inStepPieces && !this.#table.have.complete;
    for (const [peer, since = now] of this.#lingering) {
      if (mayLast && now - since < lingerOf(peer, now)) {
        this.#lingering.set(peer, since);
        continue;
      }
      this.#lingering.delete(peer);
      this.#act({ type: 'interest', source: peer.id, interested: false });
    }
  }
}

function lingerOf({ sameSite, choked, chokeAt }: PeerState, now: number): number {
  const isUnhurried = sameSite && !choked && now - chokeAt >= unhurried.unchokedMs;
  return isUnhurried ? unhurried.lingerMs : lingerMs;
}
