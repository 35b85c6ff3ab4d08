import type { StoredObject } from './stored-object.ts';

/** Of how many objects that nobody uses just now the record stays as it is needed for an answer. */
const kept = 4096;

/** Folds the records of objects that have not been asked for lately, so that a million cost little memory. */
export class FoldedRecords {
  readonly #ring: (StoredObject | undefined)[] = new Array(kept);
  #at = 0;

  /** The object has been asked for just now. */
  touch(object: StoredObject): void {
    if (object.recent) return;
    object.recent = true;
    const i = this.#at++ % kept;
    const oldest = this.#ring[i];
    this.#ring[i] = object;
    if (!oldest) return;
    oldest.recent = false;
    if (oldest.users === 0) oldest.fold();
  }
}
