/** Who acts in a step. */
export interface Actor {
  /** Its place among all. */
  readonly index: number;
  act(): void;
}

/**
 * Who is to act in this step, and who only hears that there is news, which is by far the most frequent: noted side by
 * side, so that telling forty neighbours touches none of them.
 */
export class Attention {
  readonly #heeds: boolean[] = [];
  readonly #news: boolean[] = [];
  readonly #isAwake: boolean[] = [];
  #awake: Actor[] = [];
  readonly #actors: Actor[] = [];

  /** Somebody whom news do not wake yet. */
  add(actor: Actor): void {
    this.#actors[actor.index] = actor;
  }

  /** Whether news wake it; else it reads them when it acts for another reason. */
  setHeeds(index: number, heeds: boolean): void {
    this.#heeds[index] = heeds;
  }

  /** There is news for it; who was not added has none. */
  tell(index: number): void {
    this.#news[index] = true;
    if (this.#heeds[index]) this.wake(index);
  }

  /** @returns whether there was news since it was last asked. */
  takeNews(index: number): boolean {
    const isNews = this.#news[index] === true;
    this.#news[index] = false;
    return isNews;
  }

  /** It acts in this step. */
  wake(index: number): void {
    if (this.#isAwake[index]) return;
    this.#isAwake[index] = true;
    this.#awake.push(this.#actors[index]!);
  }

  /** Has those act who are awake, in the order in which they woke. Who is woken meanwhile acts in the next step. */
  act(): void {
    const actors = this.#awake;
    this.#awake = [];
    for (const actor of actors) {
      this.#isAwake[actor.index] = false;
      actor.act();
    }
  }
}
