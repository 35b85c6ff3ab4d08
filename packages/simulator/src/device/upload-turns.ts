import { Choker, nextSlots } from '@sluice/engine';
import type { LinkEnd } from './link.ts';

/**
 * Whose requests are served, with the rules of the agent (`swarm/upload-turns.ts`): everyone
 * interested while there are slots, else in turn; who lost interest is served until others need slots.
 */
export class UploadTurns {
  readonly #choker: Choker;
  #slots: number;
  readonly #byId = new Map<number, LinkEnd>();
  /** Served without a slot. */
  readonly #idle = new Set<LinkEnd>();
  #withSlot = 0;
  #sent = 0;
  #adaptedAt: number;
  readonly #isFixed: boolean;

  /** @param fixed the slots stay as many as there are at first */
  constructor(options: { slots: number; turnMs: number; fixed: boolean }, now: number) {
    this.#choker = new Choker(options);
    this.#slots = options.slots;
    this.#isFixed = options.fixed;
    this.#adaptedAt = now;
  }

  setInterested(link: LinkEnd, interested: boolean, now: number): void {
    this.#byId.set(link.sourceId, link);
    const had = this.#choker.isServed(link.sourceId);
    this.#choker.setInterested(link.sourceId, interested, link.news.count === 0);
    if (had && !interested) {
      this.#withSlot--;
      this.#idle.add(link);
    }
    this.next(now);
  }

  remove(link: LinkEnd): void {
    if (this.#choker.isServed(link.sourceId)) this.#withSlot--;
    this.#choker.remove(link.sourceId);
    this.#byId.delete(link.sourceId);
    this.#idle.delete(link);
  }

  /** Bytes went out to any of them. */
  sent(bytes: number): void {
    this.#sent += bytes;
  }

  /** To be called every second or so: has as many slots as the line can serve well. */
  adapt(now: number): void {
    const seconds = (now - this.#adaptedAt) / 1000;
    if (seconds <= 0) return;
    let busy = 0;
    for (const [id, link] of this.#byId) if (link.isSending && this.#choker.isServed(id)) busy++;
    const waiting = this.#choker.interested - this.#withSlot;
    if (!this.#isFixed) {
      this.#slots = nextSlots(this.#slots, { busy, waiting, rate: this.#sent / seconds });
      this.#choker.setSlots(this.#slots);
    }
    this.#sent = 0;
    this.#adaptedAt = now;
    this.next(now);
  }

  /** Gives the slots that are free, or whose turn is over, to those who wait. */
  next(now: number): void {
    const { unchoke, choke } = this.#choker.decide(now);
    this.#withSlot += unchoke.length - choke.length;
    for (const id of choke) this.#byId.get(id)!.setServing(false);
    for (const id of unchoke) {
      const link = this.#byId.get(id)!;
      this.#idle.delete(link);
      if (!link.serving) link.setServing(true);
    }
    if (this.#withSlot < this.#slots) return;
    for (const link of this.#idle) link.setServing(false);
    this.#idle.clear();
  }
}
