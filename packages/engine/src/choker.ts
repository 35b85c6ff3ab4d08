import type { SourceId } from './events.ts';

export interface ChokerOptions {
  /** Peers served at once. */
  slots: number;
  /** How long a served peer may hold its slot while others wait, ms. */
  turnMs: number;
}

/**
 * Whom to upload to: interested peers hold slots; when more are interested than there are slots,
 * those served longest give way in turn, so that everyone is served. Newcomers, who have nothing yet
 * to give to others, come before those who wait for more.
 */
export class Choker {
  readonly #turnMs: number;
  #slots: number;
  readonly #newcomers = new Set<SourceId>();
  readonly #waiting = new Set<SourceId>();
  /** By when the slot was given; a Map keeps that order. */
  readonly #served = new Map<SourceId, number>();

  constructor({ slots, turnMs }: ChokerOptions) {
    this.#slots = slots;
    this.#turnMs = turnMs;
  }

  /** From the next decision on; who has a slot too many gives it back. */
  setSlots(slots: number): void {
    this.#slots = slots;
  }

  /** @param isNewcomer it has no piece yet */
  setInterested(peer: SourceId, interested: boolean, isNewcomer = false): void {
    if (!interested) this.remove(peer);
    else if (!this.#served.has(peer)) {
      this.#newcomers.delete(peer);
      if (!isNewcomer) this.#waiting.add(peer);
      else if (!this.#waiting.has(peer)) this.#newcomers.add(peer);
    }
  }

  remove(peer: SourceId): void {
    this.#newcomers.delete(peer);
    this.#waiting.delete(peer);
    this.#served.delete(peer);
  }

  /** Peers that want to be served, with a slot or without. */
  get interested(): number {
    return this.#newcomers.size + this.#waiting.size + this.#served.size;
  }

  isServed(peer: SourceId): boolean {
    return this.#served.has(peer);
  }

  /** Gives out slots. @returns whom to unchoke and whom to choke now. */
  decide(now: number): { unchoke: SourceId[]; choke: SourceId[] } {
    const choke: SourceId[] = [];
    const queue = [...this.#newcomers, ...this.#waiting];
    let needed = Math.min(this.#slots, queue.length) - (this.#slots - this.#served.size);
    for (const [peer, since] of [...this.#served]) {
      const isTooMany = this.#served.size > this.#slots;
      if (!isTooMany && (needed <= 0 || now - since < this.#turnMs)) break;
      this.#served.delete(peer);
      choke.push(peer);
      needed--;
    }
    const unchoke = queue.slice(0, Math.max(0, this.#slots - this.#served.size));
    for (const peer of unchoke) {
      this.#newcomers.delete(peer);
      this.#waiting.delete(peer);
      this.#served.set(peer, now);
    }
    for (const peer of choke) this.#waiting.add(peer);
    return { unchoke, choke };
  }
}
