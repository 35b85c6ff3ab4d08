import { sluiceError } from '@sluice/protocol';
import type { SwarmNetwork } from './admission.ts';
import type { Member } from './member.ts';

/** The network as one content's swarm may use it: all of it, or, while closed, nobody. */
export class SwarmGate implements SwarmNetwork {
  readonly own: SwarmNetwork['own'];
  readonly #network: SwarmNetwork;
  isClosed = false;

  constructor(network: SwarmNetwork) {
    this.#network = network;
    this.own = network.own;
  }

  get restriction(): SwarmNetwork['restriction'] {
    return this.#network.restriction;
  }
}

/** Drops members because of a change of settings; who is still wanted is connected to again at once. */
export function dropMembers(members: Iterable<Member>): void {
  for (const { connection } of [...members]) {
    connection.destroy(sluiceError('PeersSwitchedOff', { peer: connection.label }));
  }
}
