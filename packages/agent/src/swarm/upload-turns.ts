import { Choker } from '@sluice/engine';
import type { Clock } from '@sluice/protocol';
import type { Member } from './member.ts';

const uploadSlots = 16;
const uploadTurnMs = 10_000;

/** Whose requests are served: everyone interested while there are slots, else in turn. */
export class UploadTurns {
  readonly #clock: Clock;
  readonly #choker = new Choker({ slots: uploadSlots, turnMs: uploadTurnMs });
  readonly #members: () => Iterable<Member>;

  /** @param members all that are connected. */
  constructor(clock: Clock, members: () => Iterable<Member>) {
    this.#clock = clock;
    this.#members = members;
  }

  setInterested(member: Member, interested: boolean): void {
    this.#choker.setInterested(member.id, interested);
    this.next();
  }

  remove(member: Member): void {
    this.#choker.remove(member.id);
  }

  /** Gives the slots that are free, or whose turn is over, to those who wait. */
  next(): void {
    const { unchoke, choke } = this.#choker.decide(this.#clock.now());
    let withSlot = 0;
    for (const m of this.#members()) {
      if (choke.includes(m.id)) this.#choke(m);
      else if (unchoke.includes(m.id) && !m.served) {
        m.served = true;
        m.connection.send({ type: 'unchoke' });
      }
      if (this.#choker.isServed(m.id)) withSlot++;
    }
    if (withSlot >= uploadSlots) this.#chokeIdle();
  }

  /** Who lost interest keeps being served, as interest comes and goes, until others need the slots. */
  #chokeIdle(): void {
    for (const m of this.#members()) {
      if (m.served && !this.#choker.isServed(m.id)) this.#choke(m);
    }
  }

  #choke(member: Member): void {
    member.served = false;
    member.uploads?.clear();
    member.connection.send({ type: 'choke' });
  }
}
