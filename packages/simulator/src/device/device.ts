import { DecisionLog, Scheduler, type SchedulerEvent } from '@sluice/engine';
import type { PieceRun } from '@sluice/protocol';
import { Alarm } from './alarm.ts';
import type { DeviceOptions } from './device-options.ts';
import { Fetches } from './fetches.ts';
import { HaveLog } from './have-log.ts';
import type { LinkEnd, Node, PeerClass } from './link.ts';
import { Neighbours } from './neighbours.ts';
import type { World } from './world.ts';

/** Bytes are told to the scheduler in this grain, and with each piece, ms. */
const reportMs = 100;
/** Other devices do not notice sooner that one is gone without a word (the agent's `silenceMs`), ms. */
const silenceMs = 150_000;

/** A device that runs the real scheduler and choker, and does what they say as the agent would. */
export class Device implements Node {
  readonly options: DeviceOptions;
  readonly index: number;
  readonly peerId: string;
  readonly haves: HaveLog;
  /** Pieces delivered, in bytes. */
  readonly bytes: Record<'http' | 'cache' | PeerClass, number> = {
    http: 0,
    cache: 0,
    Lan: 0,
    Group: 0,
    Internet: 0,
  };
  /** Payload that came, of use or not, and that of pieces that failed their check. */
  payload = 0;
  /** Payload that came from the source itself. */
  fromSource = 0;
  bad = 0;
  uploaded = 0;
  banned = 0;
  decisions = 0;
  running = false;
  startedAt = Number.NaN;
  finishedAt = Number.NaN;
  /** Time it was away, ms. */
  awayMs = 0;
  #leftAt = Number.NaN;
  readonly #world: World;
  readonly #neighbours: Neighbours;
  readonly #fetches: Fetches;
  #scheduler: Scheduler | undefined;
  #reportedAt = 0;
  /** Something was told that may be acted on. */
  #isDue = false;
  readonly #alarm: Alarm;
  fetchesForSite = true;
  /** Number of its run: what an earlier one waited for means nothing. */
  life = 0;

  constructor(world: World, options: DeviceOptions) {
    this.#world = world;
    this.options = options;
    this.index = options.index;
    this.peerId = options.facts.peerId;
    this.haves = new HaveLog(world.logs, options.has);
    this.#fetches = new Fetches(world, this);
    const now = () => world.timeline.now();
    const ring = () => world.attention.wake(this.index);
    this.#alarm = new Alarm(now, (ms, fn) => this.later(ms, fn), ring);
    this.#neighbours = new Neighbours(world, this);
    world.attention.add(this);
  }

  /** What it had before the run. */
  get initialPieces() {
    return this.options.has;
  }

  get complete(): boolean {
    return this.haves.complete;
  }

  get shows() {
    return this.haves.map;
  }

  get sharesWork(): boolean {
    return this.#fetches.hasOrigin && this.fetchesForSite;
  }

  get handicap(): number {
    return this.#neighbours.handicap;
  }

  get links(): Iterable<LinkEnd> {
    return this.#neighbours.links;
  }

  linkOf(source: number): LinkEnd | undefined {
    return this.#neighbours.linkOf(source);
  }

  accepts(peerId: string): boolean {
    return this.#neighbours.accepts(peerId, true);
  }

  routeTo(other: Node) {
    return this.options.routeTo(other);
  }

  start(): void {
    const now = this.#world.timeline.now();
    if (Number.isNaN(this.startedAt)) this.startedAt = now;
    else this.awayMs += this.complete ? 0 : now - this.#leftAt;
    this.running = true;
    this.life++;
    if (this.complete) {
      if (Number.isNaN(this.finishedAt)) this.finishedAt = now;
    } else {
      this.#startScheduler();
    }
    this.#neighbours.start();
  }

  /** The device is gone at once. @param told whether it closes its connections, or just falls silent */
  stop(told: boolean): void {
    this.#leftAt = this.#world.timeline.now();
    this.running = false;
    this.life++;
    this.#fetches.abortAll();
    this.#scheduler = undefined;
    this.#world.attention.setHeeds(this.index, false);
    this.#world.attention.takeNews(this.index);
    this.#neighbours.stop(told, told ? undefined : silenceMs);
  }

  /** Tells the scheduler, and has it decide in this step. */
  tell(event: SchedulerEvent): void {
    if (!this.#scheduler?.handle(event, this.#world.timeline.now())) return;
    this.#isDue = true;
    this.#world.attention.wake(this.index);
  }

  /** As `tell`, for what waits for the next decision. */
  report(source: number, bytes: number): void {
    if (bytes <= 0 || !this.#scheduler) return;
    this.#scheduler.handle({ type: 'received', source, bytes }, this.#world.timeline.now());
  }

  /** Something comes from the source, though nothing that counts yet. */
  hear(source: number): void {
    const now = this.#world.timeline.now();
    this.#scheduler?.handle({ type: 'received', source, bytes: 0 }, now);
  }

  /** The array says whether this device fetches for its site. */
  setFetches(fetches: boolean): void {
    if (fetches === this.fetchesForSite) return;
    this.fetchesForSite = fetches;
    this.tell({ type: 'selfFetches', fetches });
    for (const link of this.links) link.shares(this.sharesWork, this.handicap);
  }

  later(ms: number, fn: () => void): void {
    const life = this.life;
    this.#world.timeline.setTimer(ms, () => {
      if (this.life === life && this.running) fn();
    });
  }

  /** What the device does once a step, if anything happened: it hears, decides, and performs. */
  act(): void {
    const scheduler = this.#scheduler;
    if (!scheduler) return;
    const now = this.#world.timeline.now();
    const { attention } = this.#world;
    const isNews = attention.takeNews(this.index) && this.#neighbours.hear(scheduler, now);
    if (!isNews && !this.#isDue && now < this.#alarm.at) return;
    this.#isDue = false;
    if (now - this.#reportedAt >= reportMs) {
      this.#reportedAt = now;
      this.#fetches.reportOrigins();
      for (const link of this.#neighbours.links) this.#reportLink(link);
    }
    this.decisions++;
    const { actions, wakeAt } = scheduler.decide(now);
    for (const action of actions) {
      if (action.type === 'fetch' || action.type === 'cancel' || action.type === 'giveUp') {
        this.#fetches.perform(action);
      } else this.#neighbours.perform(action);
    }
    // Who can ask nobody for anything hears of it, and tells its interest, when something comes: milliseconds later.
    attention.setHeeds(this.index, !this.complete && !scheduler.isFull);
    if (this.complete) {
      this.#scheduler = undefined;
      this.#fetches.abortAll();
    } else this.#alarm.set(wakeAt);
  }

  /** A piece was checked and written. @returns whether it is new here */
  land(piece: number, from: 'http' | 'cache' | PeerClass): boolean {
    if (!this.haves.add(piece)) return false;
    this.bytes[from] += this.#world.pieceBytes;
    this.#neighbours.tellHave();
    if (this.complete) this.finishedAt = this.#world.timeline.now();
    return true;
  }

  claims(): { runs: PieceRun[]; rate: number } {
    return { runs: this.#scheduler?.currentClaims() ?? [], rate: 0 };
  }

  connected(link: LinkEnd): void {
    this.#neighbours.add(link, this.#fetches.nextSource());
    const { node } = link.other;
    this.tell({
      type: 'sourceAdded',
      source: {
        id: link.sourceId,
        kind: 'peer',
        peerId: node.peerId,
        sameSite: link.isNear,
        sharesWork: node.sharesWork,
        handicap: node.handicap,
        has: node.shows,
      },
    });
  }

  closed(link: LinkEnd): void {
    this.#neighbours.remove(link);
    this.#fetches.forget(link);
    this.tell({ type: 'sourceGone', source: link.sourceId });
  }

  onRequest(link: LinkEnd, piece: number): void {
    if (link.serve(piece, true)) this.#neighbours.onRequest(link);
  }

  onInterest(link: LinkEnd, interested: boolean): void {
    this.#neighbours.onInterest(link, interested);
  }

  onChoke(link: LinkEnd, choked: boolean): void {
    this.tell({ type: 'choked', source: link.sourceId, choked });
  }

  onClaim(link: LinkEnd, runs: PieceRun[], rate: number): void {
    this.tell({ type: 'claimed', source: link.sourceId, runs, rate });
  }

  onRelease(link: LinkEnd, runs: PieceRun[]): void {
    this.tell({ type: 'released', source: link.sourceId, runs });
  }

  onShares(link: LinkEnd, sharesWork: boolean, handicap: number): void {
    this.tell({ type: 'peerShares', source: link.sourceId, sharesWork, handicap });
  }

  onPiece(link: LinkEnd, piece: number, good: boolean, bytes: number): void {
    this.report(link.sourceId, bytes);
    this.#fetches.onPeerPiece(link, piece, good);
  }

  onPayload(_link: LinkEnd, bytes: number): void {
    this.payload += bytes;
  }

  onUploaded(link: LinkEnd, bytes: number, isAll: boolean): void {
    this.uploaded += bytes;
    this.#neighbours.onUploaded(link, bytes, isAll);
  }

  #startScheduler(): void {
    const { options } = this;
    this.#scheduler = new Scheduler({
      pieceCount: this.#world.pieceCount,
      pieceSize: this.#world.pieceBytes,
      have: this.haves.map,
      self: this.peerId,
      salt: 4711,
      random: options.random,
      foreground: options.foreground,
      log: new DecisionLog({ requests: 0, life: 0 }),
    });
    this.#alarm.reset();
    this.#world.attention.setHeeds(this.index, true);
    this.#reportedAt = this.#world.timeline.now();
    this.tell({ type: 'originAllowed', allowed: false });
    this.fetchesForSite = true;
    this.#fetches.addOrigins(options.origins);
  }

  #reportLink(link: LinkEnd): void {
    const { moved } = link.other;
    if (moved <= link.reported) return;
    this.report(link.sourceId, moved - link.reported);
    link.reported = moved;
  }
}
