import type { ContentSwarm } from '../swarm/content-swarm.ts';
import type { Member } from '../swarm/member.ts';
import { isOnSite } from '../swarm/peer-class.ts';

/**
 * Tells the devices of the site how large a share of the work this one takes, and says when all of them
 * that are connected have answered: see `OwnShare` in the engine.
 */
export class HandicapTeller {
  readonly #swarm: Pick<ContentSwarm, 'members' | 'setHandicap'>;
  readonly #known: (handicap: number) => void;
  #told: number | undefined;

  /** @param known called with the handicap that was told last. */
  constructor(
    swarm: Pick<ContentSwarm, 'members' | 'setHandicap'>,
    known: (handicap: number) => void,
  ) {
    this.#swarm = swarm;
    this.#known = known;
    // What an earlier download told holds no longer.
    swarm.setHandicap(0);
  }

  tell(handicap: number): void {
    this.#told = handicap;
    this.#swarm.setHandicap(handicap);
    this.look();
  }

  /** To be called when a member has answered or is gone. */
  look(): void {
    const handicap = this.#told;
    if (handicap === undefined || [...this.#swarm.members].some(owesAnswer)) return;
    this.#told = undefined;
    this.#known(handicap);
  }
}

/** Who has not said hello does not count on this device yet. */
function owesAnswer({ peerClass, hello, acquainted }: Member): boolean {
  return isOnSite(peerClass) && hello !== undefined && !acquainted;
}
