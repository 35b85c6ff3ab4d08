import { PieceMap, type PieceRun } from '@sluice/protocol';
import { HaveLog } from './have-log.ts';
import type { LinkEnd, Node, Route } from './link.ts';
import { type MemberFacts, Membership } from './membership.ts';
import type { World } from './world.ts';

/**
 * - `corrupts` says it has everything and sends rubbish;
 * - `chokes` says it has everything and never lets anyone download;
 * - `stalls` says it has everything, takes every request and sends nothing;
 * - `claims` has nothing, claims everything again and again, and fetches nothing.
 */
export type Villainy = 'corrupts' | 'chokes' | 'stalls' | 'claims';

const claimAgainMs = 1_000;

export interface VillainOptions {
  index: number;
  facts: MemberFacts;
  site: number;
  cloudMs: number;
  isCloudReachable: () => boolean;
  routeTo: (other: Node) => Route;
}

/** A peer that means no good, or is broken. It takes every connection and makes none. */
export class Villain implements Node {
  readonly index: number;
  readonly peerId: string;
  readonly haves: HaveLog;
  readonly shows: PieceMap;
  readonly sharesWork = true;
  readonly handicap = 0;
  readonly options: VillainOptions;
  running = false;
  readonly #world: World;
  readonly #villainy: Villainy;
  readonly #links = new Map<string, LinkEnd>();

  constructor(world: World, villainy: Villainy, options: VillainOptions) {
    this.#world = world;
    this.#villainy = villainy;
    this.options = options;
    this.index = options.index;
    this.peerId = options.facts.peerId;
    const { pieceCount } = world;
    this.shows = villainy === 'claims' ? new PieceMap(pieceCount) : PieceMap.full(pieceCount);
    this.haves = new HaveLog(world.logs, this.shows);
  }

  get complete(): boolean {
    return this.haves.complete;
  }

  start(): void {
    this.running = true;
    const { facts, cloudMs: latencyMs, isCloudReachable } = this.options;
    const left = () => (this.#world.pieceCount - this.haves.count) * this.#world.pieceBytes;
    const nothing = () => {};
    const heard = { onPeers: nothing, onFault: nothing };
    new Membership(this.#world, { facts, latencyMs, isCloudReachable, left, ...heard }).start();
  }

  accepts(peerId: string): boolean {
    return !this.#links.has(peerId);
  }

  routeTo(other: Node): Route {
    return this.options.routeTo(other);
  }

  claims(): { runs: PieceRun[]; rate: number } {
    const runs = this.#villainy === 'claims' ? [{ first: 0, count: this.#world.pieceCount }] : [];
    return { runs, rate: 0 };
  }

  connected(link: LinkEnd): void {
    this.#links.set(link.other.node.peerId, link);
    if (this.#villainy !== 'chokes') link.setServing(true);
    if (this.#villainy === 'claims') this.#claimAgain(link);
  }

  closed(link: LinkEnd): void {
    this.#links.delete(link.other.node.peerId);
  }

  onRequest(link: LinkEnd, piece: number): void {
    if (this.#villainy === 'corrupts') link.serve(piece, false);
  }

  onInterest(): void {}
  onChoke(): void {}
  onClaim(): void {}
  onRelease(): void {}
  onShares(): void {}
  onPiece(): void {}
  onPayload(): void {}
  onUploaded(): void {}

  #claimAgain(link: LinkEnd): void {
    if (!link.open) return;
    const { runs, rate } = this.claims();
    link.claim(runs, rate);
    this.#world.timeline.setTimer(claimAgainMs, () => this.#claimAgain(link));
  }
}
