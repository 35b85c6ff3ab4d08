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
  readonly #mayServe: (member: Member) => boolean;
  readonly #interested = new Set<Member>();

  /** @param members all that are connected. @param mayServe asked of those that are interested only. */
  constructor(
    clock: Clock,
    members: () => Iterable<Member>,
    mayServe: (member: Member) => boolean = () => true,
  ) {
    this.#clock = clock;
    this.#members = members;
    this.#mayServe = mayServe;
  }

  setInterested(member: Member, interested: boolean): void {
    if (interested) this.#interested.add(member);
    else this.#interested.delete(member);
    this.#choker.setInterested(member.id, interested);
    this.next();
  }

  remove(member: Member): void {
    this.#interested.delete(member);
    this.#choker.remove(member.id);
  }

  /** Gives the slots that are free, or whose turn is over, to those who wait. */
  next(): void {
    this.#sortOut();
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

  /** Those who may not be served have no turn, and come in again when they may. */
  #sortOut(): void {
    for (const member of this.#interested) {
      if (this.#mayServe(member)) this.#choker.setInterested(member.id, true);
      else {
        this.#choker.remove(member.id);
        if (member.served) this.#choke(member);
      }
    }
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
