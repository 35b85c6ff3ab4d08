/** Who acts in a step. */
export interface Actor {
  /** Its place among all. */
  readonly index: number;
  act(): void;
}

/**
 * Who is to act in this step, and who only hears that there is news, which is by far the most frequent: a byte for each,
 * side by side, so that telling forty neighbours touches none of them.
 */
export class Attention {
  #heeds = new Uint8Array(64);
  #news = new Uint8Array(64);
  #isAwake = new Uint8Array(64);
  #awake: Actor[] = [];
  readonly #actors: Actor[] = [];

  /** Somebody whom news do not wake yet. */
  add(actor: Actor): void {
    if (actor.index >= this.#news.length) this.#grow(2 * actor.index);
    this.#actors[actor.index] = actor;
  }

  /** Whether news wake it; else it reads them when it acts for another reason. */
  setHeeds(index: number, heeds: boolean): void {
    this.#heeds[index] = Number(heeds);
  }

  /** There is news for it; who was not added has none. */
  tell(index: number): void {
    this.#news[index] = 1;
    if (this.#heeds[index] === 1) this.wake(index);
  }

  /** @returns whether there was news since it was last asked. */
  takeNews(index: number): boolean {
    const isNews = this.#news[index] === 1;
    this.#news[index] = 0;
    return isNews;
  }

  /** It acts in this step. */
  wake(index: number): void {
    if (this.#isAwake[index] === 1) return;
    this.#isAwake[index] = 1;
    this.#awake.push(this.#actors[index]!);
  }

  /** Has those act who are awake, in the order in which they woke. Who is woken meanwhile acts in the next step. */
  act(): void {
    const actors = this.#awake;
    this.#awake = [];
    for (const actor of actors) {
      this.#isAwake[actor.index] = 0;
      actor.act();
    }
  }

  #grow(length: number): void {
    this.#heeds = grown(this.#heeds, length);
    this.#news = grown(this.#news, length);
    this.#isAwake = grown(this.#isAwake, length);
  }
}

function grown(array: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(length);
  longer.set(array);
  return longer;
}
