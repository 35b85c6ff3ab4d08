import { Choker, UploadSlots } from '@sluice/engine';
import type { LinkEnd } from './link.ts';
import type { World } from './world.ts';

/**
 * Whose requests are served, with the rules of the agent (`swarm/upload-turns.ts`): everyone
 * interested while there are slots, else in turn; who lost interest is served until others need slots.
 */
export class UploadTurns {
  readonly #choker: Choker;
  readonly #slots: UploadSlots;
  /** By source. */
  readonly #byId: LinkEnd[] = [];
  /** Served without a slot. */
  readonly #idle = new Set<LinkEnd>();
  #withSlot = 0;
  readonly #pieceBytes: number;

  constructor(
    world: Pick<World, 'limits' | 'random' | 'pieceBytes'>,
    { now, areNear }: { now: number; areNear: boolean },
  ) {
    const { limits, random } = world;
    this.#pieceBytes = world.pieceBytes;
    this.#choker = new Choker({
      ...limits,
      areNear,
      random,
      piecesOf: (id) => this.#byId[id]!.news.count,
    });
    this.#slots = new UploadSlots({ slots: limits.slots, now, isFixed: limits.fixed });
  }

  setInterested(link: LinkEnd, interested: boolean): void {
    this.#byId[link.sourceId] = link;
    const had = this.#choker.isServed(link.sourceId);
    this.#choker.setInterested(link.sourceId, interested, link.news.count === 0);
    if (had && !interested) {
      this.#withSlot--;
      this.#idle.add(link);
    }
  }

  asked(link: LinkEnd, now: number): void {
    this.#choker.asked(link.sourceId, now);
  }

  sentAll(link: LinkEnd, now: number): void {
    this.#choker.sentAll(link.sourceId, now);
  }

  remove(link: LinkEnd): void {
    if (this.#choker.isServed(link.sourceId)) this.#withSlot--;
    this.#choker.remove(link.sourceId);
    delete this.#byId[link.sourceId];
    this.#idle.delete(link);
  }

  /** Bytes went out to any of them. */
  sent(bytes: number): void {
    this.#slots.sent(bytes);
  }

  /** To be called every second or so: has as many slots as the line can serve well. */
  adapt(now: number): void {
    let busy = 0;
    this.#byId.forEach((link, id) => {
      if (link.isSending && this.#choker.isServed(id)) busy++;
    });
    this.#slots.adapt(now, { busy, waiting: this.#choker.interested - this.#withSlot });
  }

  /**
   * Gives the slots that are free, or whose turn is over, to those who wait.
   * @returns when to do it again even if nothing happens
   */
  next(now: number, pieces: number): number | undefined {
    if (this.#choker.interested === 0 && this.#idle.size === 0) return undefined;
    const slots = this.#slots.now(this.#choker.isCrowd, pieces, this.#pieceBytes);
    this.#choker.setSlots(slots, this.#slots.areShort);
    const { unchoke, choke } = this.#choker.decide(now);
    this.#withSlot += unchoke.length - choke.length;
    for (const id of choke) this.#byId[id]!.setServing(false);
    for (const id of unchoke) {
      const link = this.#byId[id]!;
      if (this.#idle.size > 0) this.#idle.delete(link);
      if (!link.serving) link.setServing(true);
    }
    const lookAt = this.#choker.lookAt(now);
    if (this.#withSlot < slots) return lookAt;
    for (const link of this.#idle) link.setServing(false);
    this.#idle.clear();
    return lookAt;
  }
}
