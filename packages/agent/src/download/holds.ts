import type { SharedContent } from '../content/shared-content.ts';
import type { Turns } from './turns.ts';

const never = new AbortController().signal;

/** Which downloads want a content to be shared: it is closed when the last one lets go. */
export class Holds {
  readonly #turns: Turns;
  readonly #held = new Map<SharedContent, { key: string; holders: Set<string> }>();

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** To be called in the turn of `key`. @param download its id; holding twice is holding once. */
  hold(key: string, content: SharedContent, download: string): void {
    const known = this.#held.get(content);
    if (known) known.holders.add(download);
    else this.#held.set(content, { key, holders: new Set([download]) });
  }

  /** Whether another download wants it too. */
  isHeldBesides(content: SharedContent, download: string): boolean {
    const holders = [...(this.#held.get(content)?.holders ?? [])];
    return holders.some((id) => id !== download);
  }

  /** Lets go, by a download that has the turn. */
  async letGo(content: SharedContent, download: string): Promise<void> {
    this.#held.get(content)?.holders.delete(download);
    await this.#closeUnlessHeld(content);
  }

  /** Lets go, by a download that has not: the next one may just be opening the content. */
  async release(content: SharedContent, download: string): Promise<void> {
    const held = this.#held.get(content);
    held?.holders.delete(download);
    if (!held || held.holders.size > 0) return;
    await this.#turns.run(held.key, never, () => this.#closeUnlessHeld(content));
  }

  /** Closes it, whoever wants it. To be called in its turn. */
  async drop(content: SharedContent): Promise<void> {
    this.#held.delete(content);
    await content.close();
  }

  async #closeUnlessHeld(content: SharedContent): Promise<void> {
    const held = this.#held.get(content);
    if (!held || held.holders.size > 0) return;
    this.#held.delete(content);
    await content.close();
  }
}
