import { PieceMap } from '@sluice/protocol';
import { peerId } from '../world.test-kit.ts';
import type { Pipe } from './flow-network.test-kit.ts';
import type { Hello, Link, Message, Node, Wires } from './link.test-kit.ts';

/**
 * - `corrupts` says it has everything and sends rubbish;
 * - `chokes` says it has everything and never lets anyone download;
 * - `stalls` takes every request and sends nothing;
 * - `claims` has nothing, claims everything again and again, and fetches nothing.
 */
export type Villainy = 'corrupts' | 'chokes' | 'stalls' | 'claims';

/** A peer that means no good, or is broken. */
export class Villain implements Node {
  readonly up: Pipe;
  readonly down: Pipe;
  readonly running = true;
  readonly #wires: Wires;
  readonly #villainy: Villainy;
  readonly #index: number;
  readonly #pieceCount: number;
  /** Bytes/s it says it fetches with. */
  readonly #claimedRate: number;

  constructor(
    wires: Wires,
    villainy: Villainy,
    options: { index: number; pieceCount: number; rate: number; claimedRate: number },
  ) {
    this.#wires = wires;
    this.#villainy = villainy;
    this.#index = options.index;
    this.#pieceCount = options.pieceCount;
    this.#claimedRate = options.claimedRate;
    this.up = { capacity: options.rate };
    this.down = { capacity: options.rate };
  }

  hello(): Hello {
    const claims = this.#villainy === 'claims';
    return {
      peerId: peerId(this.#index),
      has: claims ? new PieceMap(this.#pieceCount) : PieceMap.full(this.#pieceCount),
      sharesWork: true,
      handicap: 0,
      claims: claims ? [{ first: 0, count: this.#pieceCount }] : [],
      rate: this.#claimedRate,
    };
  }

  connected(link: Link): void {
    if (this.#villainy !== 'chokes') link.setServing(true);
    if (this.#villainy === 'claims') this.#claimAgain(link);
  }

  receive(link: Link, message: Message): void {
    if (this.#villainy === 'corrupts' && message.type === 'request') {
      link.serve(message.piece, false);
    }
  }

  received(): void {}

  closed(): void {}

  #claimAgain(link: Link): void {
    if (!link.open) return;
    const runs = [{ first: 0, count: this.#pieceCount }];
    link.send({ type: 'claim', runs, rate: this.#claimedRate });
    this.#wires.timeline.setTimer(1_000, () => this.#claimAgain(link));
  }
}
