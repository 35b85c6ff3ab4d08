import { MemorySwarmRegistry, type SwarmMember } from '@sluice/cloud/registry';
import type { Clock, JoinReply } from '@sluice/protocol';

/** Peers that the agent asks the array for at a join. */
const wanted = 50;
const swarmId = 'content';

/** The array of the cloud: its real registry on the virtual clock. */
export class ArrayService {
  readonly #registry: MemorySwarmRegistry;
  readonly #pending: Promise<void>[] = [];

  constructor(clock: Clock, random: () => number) {
    this.#registry = new MemorySwarmRegistry({ clock, random });
  }

  /** Enters or refreshes the member; `use` gets the reply before the clock moves on. */
  join(member: SwarmMember, use: (reply: JoinReply) => void): void {
    this.#pending.push(Promise.resolve(this.#registry.join(swarmId, member, wanted)).then(use));
  }

  leave({ peerId, externalIp }: SwarmMember): void {
    this.#pending.push(this.#registry.leave(swarmId, peerId, externalIp).then(() => {}));
  }

  get isBusy(): boolean {
    return this.#pending.length > 0;
  }

  async settle(): Promise<void> {
    await Promise.all(this.#pending.splice(0));
  }
}
