import type { WallTime } from '../clock.ts';
import type { ContentClasses } from './content-classes.ts';
import type { StoredObject } from './stored-object.ts';

const lookEveryMs = 10 * 60_000;

/** What nobody has asked for as long as its class says. */
export class Expiry {
  readonly #classes: ContentClasses;
  readonly #wallTime: WallTime;
  #lookedAt: number;

  constructor(classes: ContentClasses, wallTime: WallTime) {
    this.#classes = classes;
    this.#wallTime = wallTime;
    this.#lookedAt = wallTime();
  }

  has({ className, segments, segmentCount }: StoredObject): boolean {
    const keepMs = this.#classes.keepMs(className);
    if (keepMs === undefined || segmentCount === 0) return false;
    const last = segments.reduce((at, segment) => Math.max(at, segment?.usedAt ?? 0), 0);
    return this.#wallTime() - last > keepMs;
  }

  /** Those of `all` that nobody uses and whose time is over; looks no more than every ten minutes. */
  over(all: Iterable<StoredObject>): StoredObject[] {
    const now = this.#wallTime();
    if (!this.#classes.hasExpiry || now - this.#lookedAt < lookEveryMs) return [];
    this.#lookedAt = now;
    return [...all].filter((object) => object.users === 0 && this.has(object));
  }
}
