import type { StoredObject } from './stored-object.ts';

/** Objects without a stored byte that are remembered. */
const maxEmpty = 512;

/** The current object of each URL. */
export class ObjectIndex {
  readonly #byUrl = new Map<string, StoredObject>();
  /** Those that nobody uses and of which nothing is on disk, oldest first. */
  readonly #empty = new Set<StoredObject>();

  get(url: string): StoredObject | undefined {
    return this.#byUrl.get(url);
  }

  values(): IterableIterator<StoredObject> {
    return this.#byUrl.values();
  }

  set(object: StoredObject): void {
    this.#byUrl.set(object.url, object);
  }

  /** The object is not what its URL stands for any more. */
  remove(object: StoredObject): void {
    object.current = false;
    if (this.#byUrl.get(object.url) === object) this.#byUrl.delete(object.url);
    this.#empty.delete(object);
  }

  /** Nobody uses it, and nothing of it is on disk: it is forgotten before long. */
  setEmpty(object: StoredObject): void {
    this.#empty.add(object);
    for (const oldest of this.#empty) {
      if (this.#empty.size <= maxEmpty) return;
      this.remove(oldest);
    }
  }

  setInUse(object: StoredObject): void {
    this.#empty.delete(object);
  }
}
