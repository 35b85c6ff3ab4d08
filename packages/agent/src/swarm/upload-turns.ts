import { Choker, nextSlots } from '@sluice/engine';
import type { Clock } from '@sluice/protocol';
import type { Member } from './member.ts';

/** Before it is known how uploading goes. */
const firstSlots = 16;
const uploadTurnMs = 10_000;

/** Whose requests are served: everyone interested while there are slots, else in turn. */
export class UploadTurns {
  readonly #clock: Clock;
  readonly #choker = new Choker({ slots: firstSlots, turnMs: uploadTurnMs });
  #slots = firstSlots;
  #sent = 0;
  #adaptedAt: number;
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
    this.#adaptedAt = clock.now();
    this.#members = members;
    this.#mayServe = mayServe;
  }

  setInterested(member: Member, interested: boolean): void {
    if (interested) this.#interested.add(member);
    else this.#interested.delete(member);
    this.#choker.setInterested(member.id, interested, isNewcomer(member));
    this.next();
  }

  /** Bytes went out to any of them. */
  sent(bytes: number): void {
    this.#sent += bytes;
  }

  /** To be called every second or so: has as many slots as the line can serve well. */
  adapt(): void {
    const seconds = (this.#clock.now() - this.#adaptedAt) / 1000;
    if (seconds <= 0) return;
    let busy = 0;
    let served = 0;
    for (const m of this.#members()) {
      if (!this.#choker.isServed(m.id)) continue;
      served++;
      if (m.uploads && !m.uploads.idle) busy++;
    }
    const waiting = this.#choker.interested - served;
    this.#slots = nextSlots(this.#slots, { busy, waiting, rate: this.#sent / seconds });
    this.#choker.setSlots(this.#slots);
    this.#sent = 0;
    this.#adaptedAt += 1000 * seconds;
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
    if (withSlot >= this.#slots) this.#chokeIdle();
  }

  /** Those who may not be served have no turn, and come in again when they may. */
  #sortOut(): void {
    for (const member of this.#interested) {
      if (this.#mayServe(member)) {
        this.#choker.setInterested(member.id, true, isNewcomer(member));
      } else {
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

function isNewcomer({ has }: Member): boolean {
  return has.count === 0;
}
