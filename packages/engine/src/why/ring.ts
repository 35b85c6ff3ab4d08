/** The last so many of what was pushed: fixed memory, O(1) each. */
export class Ring<T> {
  readonly #capacity: number;
  #items: T[] = [];
  /** Where the oldest is once it is full. */
  #oldest = 0;
  #pushed = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** All that were ever pushed, those that are gone included. */
  get pushed(): number {
    return this.#pushed;
  }

  push(item: T): void {
    this.#pushed++;
    if (this.#capacity === 0) return;
    if (this.#items.length < this.#capacity) {
      this.#items.push(item);
      return;
    }
    this.#items[this.#oldest] = item;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
  }

  /** Those still here, the oldest first. */
  items(): T[] {
    return [...this.#items.slice(this.#oldest), ...this.#items.slice(0, this.#oldest)];
  }

  /** Lets go of all but the last `count`; later ones are kept up to the capacity again. */
  trim(count: number): void {
    this.#items = count > 0 ? this.items().slice(-count) : [];
    this.#oldest = 0;
  }
}
