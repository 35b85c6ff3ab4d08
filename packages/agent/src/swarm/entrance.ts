import { type Handshake, sluiceError } from '@sluice/protocol';
import { exchangeProof } from './exchange-proof.ts';
import { isOnSite, peerClassOf } from './peer-class.ts';
import type { Roster, RosterOptions } from './roster.ts';
import type { SwarmSocket } from './swarm-socket.ts';

export interface EntranceOptions extends RosterOptions {
  roster: Roster;
  /** Set in a swarm that is for one group (download mode 2). */
  groupId: () => string | undefined;
}

/** A connection that is past the other side's handshake. */
export interface Arrival {
  socket: SwarmSocket;
  handshake: Handshake;
  /** What came behind it. */
  rest: Uint8Array;
  incoming: boolean;
}

/** Where connections become members: at once, or when the device is enrolled after both sides have proved their tenant. */
export class Entrance {
  readonly #options: EntranceOptions;

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  /** @throws (or rejects) as `Admission.check`; PeerUnproven: it is to be dropped. */
  enter(arrival: Arrival): void | Promise<void> {
    if (this.#options.membership) return this.#enterProven(arrival);
    const { socket, handshake, rest, incoming } = arrival;
    this.#options.roster.join(socket, handshake, rest, incoming);
  }

  async #enterProven({ socket, handshake, rest, incoming }: Arrival): Promise<void> {
    const { roster, membership, self, swarmHash, clock, groupId, handshake: own } = this.#options;
    const { peerId: peer } = handshake;
    const address = socket.remoteAddress;
    // Before it hears from us; it is looked at again when it joins, since others may have come meanwhile.
    roster.check(handshake, address, incoming);
    const proven = await exchangeProof({
      ...{ socket, rest, self, peer, swarmHash, clock, groupId: groupId() },
      handshake: incoming ? own() : undefined,
      membership: membership!,
    });
    const entry = this.#options.book().entry(peer, address);
    // Those of the site are peers in every mode; from elsewhere only those of the group are.
    if (groupId() !== undefined && !proven.inGroup && !isOnSite(peerClassOf(entry, address))) {
      throw sluiceError('PeerUnproven', { peer: address, detail: 'it is not of this group' });
    }
    roster.join(socket, handshake, proven.rest, incoming, proven.keyId);
  }
}
