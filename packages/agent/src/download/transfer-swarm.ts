import type { Scheduler } from '@sluice/engine';
import type { ContentSwarm } from '../swarm/content-swarm.ts';
import { Hope, type Prospects } from './hope.ts';
import { bridgeSwarm, type PeerAction, type SwarmBridge } from './swarm-bridge.ts';
import type { Transfer } from './transfer.ts';

/** Whom a transfer shares with. */
export interface TransferPeers {
  swarm: ContentSwarm;
  /** How long to wait for peers, ms, when nobody connected can bring the rest. */
  hopeMs: () => number;
}

/** The swarm of a transfer: none in simple mode, and none until settings allow one. */
export class TransferSwarm {
  #peers: TransferPeers | undefined;
  #bridge: SwarmBridge | undefined;
  readonly #hope = new Hope();
  /** As it was said last. */
  #mayUseHttp: boolean | undefined;

  join(peers: TransferPeers, scheduler: Scheduler, transfer: Transfer): void {
    if (this.#peers) return;
    this.#peers = peers;
    this.#bridge = bridgeSwarm(peers.swarm, scheduler, transfer);
    if (this.#mayUseHttp !== undefined) peers.swarm.setMayUseHttp(this.#mayUseHttp);
  }

  perform(action: PeerAction): void {
    this.#bridge?.perform(action);
  }

  broadcastHave(piece: number): void {
    this.#peers?.swarm.broadcastHave(piece);
  }

  setMayUseHttp(may: boolean): void {
    this.#mayUseHttp = may;
    this.#peers?.swarm.setMayUseHttp(may);
  }

  /** @returns whether it is in vain to wait on. */
  isHopeOver(prospects: Prospects, now: number): boolean {
    return this.#hope.isOver(prospects, now, () => this.#peers?.hopeMs() ?? 0);
  }

  /** Nothing is to be heard any more, and nobody to be waited for who could send nothing of use. */
  detach(): void {
    this.#bridge?.detach();
    this.#peers?.swarm.dropSeeds();
  }
}
