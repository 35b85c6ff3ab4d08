import { FaultyFiles, type Operation } from './faulty-files.ts';

export type CutMode = 'before' | 'half' | 'after';

/** Operations that change nothing. */
const harmless = new Set<Operation>(['read', 'list', 'free']);

/**
 * The disk of a process that ends at its `cutAt`th change, counted from 1: before it, in the middle of
 * it (a write), or after it. From then on every operation fails, so that nobody changes a thing.
 */
export class CutFiles extends FaultyFiles {
  steps = 0;
  isCut = false;
  readonly #cutAt: number;
  readonly #mode: CutMode;

  constructor(cutAt: number, mode: CutMode) {
    super();
    this.#cutAt = cutAt;
    this.#mode = mode;
    this.torn = (length) => {
      const isNow = !this.isCut && this.steps + 1 === cutAt;
      return isNow && mode === 'half' ? length >> 1 : length;
    };
  }

  protected override check(operation: Operation, path: string): void {
    if (this.isCut) throw new Error('cut');
    super.check(operation, path);
    if (harmless.has(operation)) return;
    this.steps++;
    const at = this.#mode === 'after' ? this.#cutAt + 1 : this.#cutAt;
    if (this.steps < at) return;
    this.isCut = true;
    throw new Error('cut');
  }
}
