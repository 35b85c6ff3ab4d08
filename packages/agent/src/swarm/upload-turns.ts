import { Choker, crowdSize, gatherMs, UploadSlots } from '@sluice/engine';
import type { Clock } from '@sluice/protocol';
import type { Member } from './member.ts';

/** Before it is known how uploading goes. */
const firstSlots = 16;
const uploadTurnMs = 10_000;

export interface UploadTurnsOptions {
  clock: Clock;
  /** Those that are connected. */
  members: () => readonly Member[];
  /** Whether they are of this site; else none of them is. */
  areNear: boolean;
  /** What is here of the content; pieces in bytes. */
  content: () => { entry: { pieces: { count: number } }; pieceSize: number } | undefined;
  /** Asked of those that are interested only. */
  mayServe?: (member: Member) => boolean;
  /** A number in [0, 1). */
  random?: () => number;
}

/** Whose requests are served: everyone interested while there are slots, else in turn. */
export class UploadTurns {
  readonly #options: UploadTurnsOptions;
  readonly #choker: Choker;
  readonly #slots: UploadSlots;
  readonly #interested = new Map<number, Member>();
  #lookAt = Number.POSITIVE_INFINITY;
  #stopLook: (() => void) | undefined;

  constructor(options: UploadTurnsOptions) {
    const { clock, areNear, random = Math.random } = options;
    this.#options = options;
    const piecesOf = (id: number) => this.#interested.get(id)?.has.count ?? 0;
    this.#choker = new Choker({
      slots: firstSlots,
      turnMs: uploadTurnMs,
      areNear,
      random,
      piecesOf,
    });
    this.#slots = new UploadSlots({ slots: firstSlots, now: clock.now() });
  }

  setInterested(member: Member, interested: boolean): void {
    if (interested) this.#interested.set(member.id, member);
    else this.#interested.delete(member.id);
    this.#choker.setInterested(member.id, interested, isNewcomer(member));
    if (this.#isAmongMany) this.#look(this.#options.clock.now() + gatherMs);
    else this.next();
  }

  get #isAmongMany(): boolean {
    return this.#options.areNear && this.#options.members().length > crowdSize;
  }

  /** A member that is served asked for something. */
  asked(member: Member): void {
    if (this.#options.areNear) this.#choker.asked(member.id, this.#options.clock.now());
  }

  /** It has got all that it asked for. */
  sentAll(member: Member): void {
    if (!this.#options.areNear) return;
    this.#choker.sentAll(member.id, this.#options.clock.now());
    if (this.#choker.isCrowd) this.next();
  }

  /** Until all members are gone they may say something still. */
  close(): void {
    this.#stopLook?.();
    this.#lookAt = Number.NEGATIVE_INFINITY;
  }

  /** Bytes went out to any of them. */
  sent(bytes: number): void {
    this.#slots.sent(bytes);
  }

  /** To be called every second or so: has as many slots as the line can serve well. */
  adapt(): void {
    let busy = 0;
    let served = 0;
    for (const m of this.#options.members()) {
      if (!this.#choker.isServed(m.id)) continue;
      served++;
      if (m.uploads && !m.uploads.idle) busy++;
    }
    const waiting = this.#choker.interested - served;
    this.#slots.adapt(this.#options.clock.now(), { busy, waiting });
    this.next();
  }

  remove(member: Member): void {
    this.#interested.delete(member.id);
    this.#choker.remove(member.id);
  }

  /** Gives the slots that are free, or whose turn is over, to those who wait. */
  next(): void {
    this.#sortOut();
    const { entry, pieceSize = Number.POSITIVE_INFINITY } = this.#options.content() ?? {};
    const slots = this.#slots.now(this.#choker.isCrowd, entry?.pieces.count ?? 0, pieceSize);
    this.#choker.setSlots(slots, this.#slots.areShort);
    const { unchoke, choke } = this.#choker.decide(this.#options.clock.now());
    let withSlot = 0;
    for (const m of this.#options.members()) {
      if (choke.includes(m.id)) this.#endTurn(m);
      else if (unchoke.includes(m.id) && !m.served) {
        m.served = true;
        m.connection.send({ type: 'unchoke' });
      }
      if (this.#choker.isServed(m.id)) withSlot++;
    }
    if (withSlot >= slots) this.#chokeIdle();
    const lookAt = this.#choker.lookAt(this.#options.clock.now());
    if (lookAt !== undefined) this.#look(lookAt);
  }

  #look(at: number): void {
    if (at >= this.#lookAt) return;
    const { clock } = this.#options;
    this.#stopLook?.();
    this.#lookAt = at;
    this.#stopLook = clock.setTimer(at - clock.now(), () => {
      this.#lookAt = Number.POSITIVE_INFINITY;
      this.next();
    });
  }

  /** Those who may not be served have no turn, and come in again when they may. */
  #sortOut(): void {
    const { mayServe = () => true } = this.#options;
    for (const member of this.#interested.values()) {
      if (mayServe(member)) {
        this.#choker.setInterested(member.id, true, isNewcomer(member));
      } else {
        this.#choker.remove(member.id);
        if (member.served) this.#choke(member);
      }
    }
  }

  /** Who lost interest keeps being served, as interest comes and goes, until others need the slots. */
  #chokeIdle(): void {
    for (const m of this.#options.members()) {
      if (m.served && !this.#choker.isServed(m.id)) this.#choke(m);
    }
  }

  #endTurn(member: Member): void {
    member.turnEndedAt = this.#options.clock.now();
    this.#choke(member);
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
