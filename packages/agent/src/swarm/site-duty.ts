/**
 * Whether this device fetches from HTTP what no device of its site has. On a large site the array
 * leaves that to some, who know each other; the others get it from peers.
 */
export class SiteDuty {
  #fetches = true;
  readonly #watchers = new Set<() => void>();

  get fetches(): boolean {
    return this.#fetches;
  }

  set(fetches: boolean): void {
    if (fetches === this.#fetches) return;
    this.#fetches = fetches;
    for (const changed of this.#watchers) changed();
  }

  /** @returns ends it. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }
}
