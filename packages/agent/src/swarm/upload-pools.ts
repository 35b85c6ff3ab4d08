import type { Member } from './member.ts';
import { isOnSite } from './peer-class.ts';
import { UploadTurns, type UploadTurnsOptions } from './upload-turns.ts';

export interface UploadPoolsOptions extends Omit<UploadTurnsOptions, 'areNear' | 'members'> {
  /** All that are connected. */
  members: () => Iterable<Member>;
}

/**
 * Turns of devices of the site, and of those elsewhere, apart: what goes over the local network takes nothing from the
 * site's line, so neither waits for the other's slots, and how many there are follows how each of the two goes.
 */
export class UploadPools {
  readonly #near: UploadTurns;
  readonly #far: UploadTurns;

  constructor({ members, ...options }: UploadPoolsOptions) {
    const turnsOf = (areNear: boolean) => {
      const those = () => [...members()].filter((m) => isOnSite(m.peerClass) === areNear);
      return new UploadTurns({ ...options, areNear, members: those });
    };
    this.#near = turnsOf(true);
    this.#far = turnsOf(false);
  }

  setInterested(member: Member, interested: boolean): void {
    this.#of(member).setInterested(member, interested);
  }

  asked(member: Member): void {
    this.#of(member).asked(member);
  }

  sent(member: Member, bytes: number): void {
    this.#of(member).sent(bytes);
  }

  sentAll(member: Member): void {
    this.#of(member).sentAll(member);
  }

  remove(member: Member): void {
    this.#of(member).remove(member);
  }

  /** See `UploadTurns.adapt`. */
  adapt(): void {
    this.#near.adapt();
    this.#far.adapt();
  }

  /** Whom we may serve has changed. */
  next(): void {
    this.#near.next();
    this.#far.next();
  }

  close(): void {
    this.#near.close();
    this.#far.close();
  }

  #of(member: Member): UploadTurns {
    return isOnSite(member.peerClass) ? this.#near : this.#far;
  }
}
