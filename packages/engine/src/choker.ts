import type { SourceId } from './events.ts';

export interface ChokerOptions {
  /** Peers served at once. */
  slots: number;
  /** How long a served peer may hold its slot while others wait, ms. */
  turnMs: number;
}

/**
 * Whom to upload to: interested peers hold slots; when more are interested than there are slots,
 * those served longest give way in turn, so that everyone is served.
 */
export class Choker {
  readonly #options: ChokerOptions;
  readonly #waiting = new Set<SourceId>();
  /** By when the slot was given; a Map keeps that order. */
  readonly #served = new Map<SourceId, number>();

  constructor(options: ChokerOptions) {
    this.#options = options;
  }

  setInterested(peer: SourceId, interested: boolean): void {
    if (!interested) this.remove(peer);
    else if (!this.#served.has(peer)) this.#waiting.add(peer);
  }

  remove(peer: SourceId): void {
    this.#waiting.delete(peer);
    this.#served.delete(peer);
  }

  isServed(peer: SourceId): boolean {
    return this.#served.has(peer);
  }

  /** Gives out slots. @returns whom to unchoke and whom to choke now. */
  decide(now: number): { unchoke: SourceId[]; choke: SourceId[] } {
    const choke: SourceId[] = [];
    let needed = this.#waiting.size - (this.#options.slots - this.#served.size);
    for (const [peer, since] of [...this.#served]) {
      if (needed <= 0 || now - since < this.#options.turnMs) break;
      this.#served.delete(peer);
      choke.push(peer);
      needed--;
    }
    const unchoke: SourceId[] = [];
    for (const peer of [...this.#waiting]) {
      if (this.#served.size >= this.#options.slots) break;
      this.#waiting.delete(peer);
      this.#served.set(peer, now);
      unchoke.push(peer);
    }
    for (const peer of choke) this.#waiting.add(peer);
    return { unchoke, choke };
  }
}
