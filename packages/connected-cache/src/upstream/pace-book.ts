import { type PaceOptions, SourcePace } from './source-pace.ts';

/** Sources of which it is remembered how they are asked best. */
const maxPaces = 1024;

/** The pace of each source. */
export class PaceBook {
  readonly #options: PaceOptions;
  readonly #paces = new Map<string, SourcePace>();

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  of(origin: string): SourcePace {
    const pace = this.#paces.get(origin) ?? new SourcePace(this.#options);
    this.#paces.delete(origin);
    this.#paces.set(origin, pace);
    for (const [name, oldest] of this.#paces) {
      if (this.#paces.size <= maxPaces) break;
      if (oldest.active === 0) this.#paces.delete(name);
    }
    return pace;
  }
}
