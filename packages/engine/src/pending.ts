/** Pieces that a request has still to bring: mostly one, for which a Set would cost more than all the rest of it. */
export class Pending {
  #first: number | undefined;
  #others: Set<number> | undefined;

  get size(): number {
    return Number(this.#first !== undefined) + (this.#others?.size ?? 0);
  }

  has(piece: number): boolean {
    return piece === this.#first || (this.#others?.has(piece) ?? false);
  }

  /** A piece that it has not. */
  add(piece: number): void {
    if (this.size === 0) this.#first = piece;
    else {
      this.#others ??= new Set();
      this.#others.add(piece);
    }
  }

  /** @returns whether it was there. */
  delete(piece: number): boolean {
    if (piece !== this.#first) return this.#others?.delete(piece) ?? false;
    this.#first = undefined;
    return true;
  }

  /** In the order they were added; a copy. */
  list(): number[] {
    const first = this.#first === undefined ? [] : [this.#first];
    return this.#others ? [...first, ...this.#others] : first;
  }
}
