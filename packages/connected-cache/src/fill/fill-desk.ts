import type { StoredObject } from '../store/stored-object.ts';
import type { Fill } from './fill.ts';
import { type FillDeps, ObjectFills } from './object-fills.ts';

/** All fills of the node. */
export class FillDesk {
  readonly #deps: FillDeps;
  readonly #byObject = new WeakMap<StoredObject, ObjectFills>();
  readonly #active = new Set<Fill>();
  readonly #failed: (error: unknown, url: string) => void;
  #idle: (() => void) | undefined;

  /** @param failed hears of fills that failed */
  constructor(
    deps: Omit<FillDeps, 'began' | 'ended'>,
    failed: (error: unknown, url: string) => void,
  ) {
    this.#failed = failed;
    this.#deps = {
      ...deps,
      began: (fill) => this.#active.add(fill),
      ended: (fill) => this.#onEnded(fill),
    };
  }

  of(object: StoredObject): ObjectFills {
    let fills = this.#byObject.get(object);
    if (!fills) {
      fills = new ObjectFills(object, this.#deps);
      this.#byObject.set(object, fills);
    }
    return fills;
  }

  /** Ends all of them; resolves when what has come is on disk. */
  async stop(): Promise<void> {
    for (const fill of this.#active) fill.stop();
    if (this.#active.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  #onEnded(fill: Fill): void {
    this.#active.delete(fill);
    if (fill.error !== undefined) this.#failed(fill.error, fill.object.record.url);
    if (this.#active.size === 0) this.#idle?.();
  }
}
