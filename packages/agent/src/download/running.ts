/** Work that was begun and is waited for at the end. */
export class Running {
  readonly #all = new Set<Promise<void>>();

  /** @param failed hears of the error: `settled` does not. */
  add(work: Promise<void>, failed: (error: unknown) => void): void {
    const all = this.#all;
    const tracked = work.catch(failed).finally(() => all.delete(tracked));
    all.add(tracked);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#all);
  }
}
