import type { LinkEnd } from './link.ts';
import { UploadTurns } from './upload-turns.ts';
import type { World } from './world.ts';

/** Turns of devices of the site, and of others, apart, as in the agent (`swarm/upload-pools.ts`). */
export class UploadPools {
  readonly #near: UploadTurns;
  readonly #far: UploadTurns;

  constructor(world: World) {
    const now = world.timeline.now();
    this.#near = new UploadTurns(world, { now, areNear: true });
    this.#far = new UploadTurns(world, { now, areNear: false });
  }

  setInterested(link: LinkEnd, interested: boolean): void {
    this.#of(link).setInterested(link, interested);
  }

  asked(link: LinkEnd, now: number): void {
    this.#of(link).asked(link, now);
  }

  /** @param isAll it has got all that it asked for */
  sent(link: LinkEnd, bytes: number, isAll: boolean, now: number): void {
    const turns = this.#of(link);
    turns.sent(bytes);
    if (isAll) turns.sentAll(link, now);
  }

  remove(link: LinkEnd): void {
    this.#of(link).remove(link);
  }

  adapt(now: number): void {
    this.#near.adapt(now);
    this.#far.adapt(now);
  }

  /** See `UploadTurns.next`. */
  next(now: number, pieces: number): number {
    const never = Number.POSITIVE_INFINITY;
    return Math.min(this.#near.next(now, pieces) ?? never, this.#far.next(now, pieces) ?? never);
  }

  #of(link: LinkEnd): UploadTurns {
    return link.isNear ? this.#near : this.#far;
  }
}
