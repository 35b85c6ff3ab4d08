import { Choker } from '@sluice/engine';
import type { Clock } from '@sluice/protocol';

/** Contents that are offered at once beside those that are being fetched (tests-and-faq.md §4). */
const slots = 4;
/** So long each is offered while others wait for their turn. */
const turnMs = 300_000;

/** A content that is complete here, and that the array can be told of or not. */
export interface Offerable {
  /** Whether newcomers are to find it here; who is connected stays so either way. */
  setOffered(offered: boolean): void;
}

/**
 * Which of the contents that this device has complete are offered to newcomers: four at a time, in
 * turn. A device that keeps hundreds would else be told to the array hundreds of times, again and again.
 */
export class Offers {
  readonly #clock: Clock;
  readonly #turns = new Choker({ slots, turnMs });
  readonly #ids = new Map<Offerable, number>();
  #nextId = 1;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The content is complete: it takes turns from now on. Adding twice is no fault. */
  add(content: Offerable): void {
    if (this.#ids.has(content)) return;
    const id = this.#nextId++;
    this.#ids.set(content, id);
    this.#turns.setInterested(id, true);
    this.#decide();
    if (!this.#turns.isServed(id)) content.setOffered(false);
  }

  /** The content is fetched again or no longer here. */
  remove(content: Offerable): void {
    const id = this.#ids.get(content);
    if (id === undefined) return;
    this.#ids.delete(content);
    this.#turns.remove(id);
    this.#decide();
  }

  #decide(): void {
    const { choke, unchoke } = this.#turns.decide(this.#clock.now());
    for (const [content, id] of this.#ids) {
      if (choke.includes(id)) content.setOffered(false);
      else if (unchoke.includes(id)) content.setOffered(true);
    }
    this.#cancelTimer?.();
    // Nothing to take turns about: nothing to wake up for.
    this.#cancelTimer =
      this.#ids.size > slots ? this.#clock.setTimer(turnMs, () => this.#decide()) : undefined;
  }
}
