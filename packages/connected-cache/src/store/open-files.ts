import type { Segment } from './segment.ts';

/** Data files that stay open although nobody uses them just now. */
const maxIdle = 256;

/** Closes data files that have been idle longest, so that descriptors cannot run out. */
export class OpenFiles {
  readonly #idle = new Set<Segment>();
  readonly #closing = new Set<Promise<void>>();
  readonly #failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  inUse(segment: Segment): void {
    this.#idle.delete(segment);
  }

  idle(segment: Segment): void {
    this.#idle.add(segment);
    for (const oldest of this.#idle) {
      if (this.#idle.size <= maxIdle) return;
      this.close(oldest);
    }
  }

  /** Resolves when the file is closed; a failure is told elsewhere. */
  close(segment: Segment): Promise<void> {
    this.#idle.delete(segment);
    const closing = segment
      .close()
      .catch(this.#failed)
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    return closing;
  }

  /** Closes all that nobody uses. */
  async closeAll(): Promise<void> {
    for (const segment of this.#idle) this.close(segment);
    await Promise.all(this.#closing);
  }
}
