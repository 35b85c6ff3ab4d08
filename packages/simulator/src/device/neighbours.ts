import { type Action, crowdRoom, crowdSize, gatherMs, type Scheduler } from '@sluice/engine';
import type { PeerEntry } from '@sluice/protocol';
import type { Device } from './device.ts';
import { DialBook } from './dial-book.ts';
import { LinkEnd, type Node } from './link.ts';
import { Membership } from './membership.ts';
import { News } from './news.ts';
import { UploadPools } from './upload-pools.ts';
import type { World } from './world.ts';

/** As in the agent (`swarm/content-swarm.ts`, `download/start-grace.ts`), ms. */
const tickMs = 1_000;
const noAnswerMs = 500;
const connectTimeoutMs = 3_000;

type PeerAction = Exclude<Action, { type: 'fetch' | 'cancel' | 'giveUp' }>;

/** Everybody connected to a device: finds, admits, serves and drops peers, by the rules of the agent. */
export class Neighbours {
  readonly links: LinkEnd[] = [];
  /** As the device's scheduler has it told. */
  handicap = 0;
  readonly #world: World;
  readonly #device: Device;
  readonly #byPeer = new Map<string, LinkEnd>();
  /** By source. */
  readonly #byId: LinkEnd[] = [];
  readonly #news: News;
  readonly #banned = new Set<string>();
  #book = new DialBook();
  #uploads: UploadPools;
  #membership: Membership | undefined;
  #incoming = 0;
  #startedAt = 0;
  #originAllowed = false;
  /** When slots are looked at again. */
  #lookAt = Number.POSITIVE_INFINITY;

  constructor(world: World, device: Device) {
    this.#world = world;
    this.#device = device;
    this.#news = new News(world, device.haves);
    this.#uploads = new UploadPools(world);
  }

  start(): void {
    this.handicap = 0;
    this.#startedAt = this.#world.timeline.now();
    this.#originAllowed = false;
    this.#lookAt = Number.POSITIVE_INFINITY;
    this.#book = new DialBook();
    this.#uploads = new UploadPools(this.#world);
    const { facts, cloudMs, isCloudReachable } = this.#device.options;
    if (facts.scope === 0) {
      this.#allowOrigin();
      return;
    }
    this.#membership = new Membership(this.#world, {
      facts,
      latencyMs: cloudMs,
      isCloudReachable,
      left: () => (this.#world.pieceCount - this.#device.haves.count) * this.#world.pieceBytes,
      onPeers: (peers, fetchesForSite) => {
        this.#device.setFetches(fetchesForSite);
        this.#offer(peers);
      },
      onFault: () => this.#allowOrigin(),
    });
    this.#membership.start();
    // Devices are not in step with each other.
    this.#device.later(tickMs * this.#world.random(), () => this.#tick());
  }

  stop(told: boolean, noticeMs: number | undefined): void {
    this.#membership?.stop(told);
    for (const link of this.links.splice(0)) link.close(noticeMs ?? link.route.latencyMs);
    this.#byPeer.clear();
    this.#byId.length = 0;
    this.#news.clear();
    this.#incoming = 0;
  }

  /** Whether a connection of this peer may be made; `incoming` when the peer dials. */
  accepts(peerId: string, incoming: boolean): boolean {
    const { members, incoming: maxIncoming } = this.#world.limits;
    const known = this.#byPeer.get(peerId);
    // A connection whose other end is dead shows it when its peer comes again, to be tried once more.
    if (known && !known.other.open) this.#drop(known);
    if (known || this.#banned.has(peerId)) return false;
    return this.links.length < members && (!incoming || this.#incoming < maxIncoming);
  }

  add(link: LinkEnd, sourceId: number): void {
    link.sourceId = sourceId;
    this.links.push(link);
    this.#news.add(link);
    this.#byPeer.set(link.other.node.peerId, link);
    this.#byId[sourceId] = link;
    if (link.incoming) this.#incoming++;
  }

  remove(link: LinkEnd): void {
    const at = this.links.indexOf(link);
    if (at < 0) return;
    this.links.splice(at, 1);
    this.#news.remove(at);
    const now = this.#world.timeline.now();
    const { peerId } = link.other.node;
    this.#byPeer.delete(peerId);
    delete this.#byId[link.sourceId];
    if (link.incoming) this.#incoming--;
    this.#uploads.remove(link);
    this.#book.lost(peerId, now - link.connectedAt, now);
  }

  onUploaded(link: LinkEnd, bytes: number, isAll: boolean): void {
    this.#uploads.sent(link, bytes, isAll, this.#world.timeline.now());
    if (isAll) this.#serve();
  }

  linkOf(source: number): LinkEnd | undefined {
    return this.#byId[source];
  }

  onInterest(link: LinkEnd, interested: boolean): void {
    this.#uploads.setInterested(link, interested);
    if (this.links.length <= crowdSize) this.#serve();
    else this.#look(this.#world.timeline.now() + gatherMs);
  }

  onRequest(link: LinkEnd): void {
    this.#uploads.asked(link, this.#world.timeline.now());
  }

  /** One message in the model for all neighbours that are equally far. */
  tellHave(): void {
    const { lines, timeline, control } = this.#world;
    control.have(this.links.length);
    const { count } = this.#device.haves;
    for (const latencyMs of this.#news.latencies) {
      lines.of(latencyMs).after(timeline.now(), this.#news.onTold, latencyMs, count);
    }
  }

  /** Tells the scheduler what the others have got. @returns whether there may be something to decide */
  hear(scheduler: Scheduler, now: number): boolean {
    return this.#news.hear(scheduler, now);
  }

  perform(action: PeerAction): void {
    if (action.type === 'claim' || action.type === 'release') {
      this.#world.control.claim(action.runs.length, this.links.length);
      for (const link of this.links) {
        if (action.type === 'claim') link.claim(action.runs, action.rate);
        else link.release(action.runs);
      }
      return;
    }
    if (action.type === 'handicap') {
      this.#tellHandicap(action.handicap);
      return;
    }
    const link = this.#byId[action.source];
    if (!link) return;
    if (action.type === 'interest') link.interest(action.interested);
    else this.#ban(link);
  }

  /** The others answer at once: all have when the one farthest away has. */
  #tellHandicap(handicap: number): void {
    this.handicap = handicap;
    let answeredMs = 0;
    for (const link of this.links) {
      if (!link.isNear) continue;
      link.shares(this.#device.sharesWork, handicap);
      answeredMs = Math.max(answeredMs, 2 * link.route.latencyMs);
    }
    this.#device.later(answeredMs, () => this.#device.tell({ type: 'handicapKnown', handicap }));
  }

  #ban(link: LinkEnd): void {
    this.#banned.add(link.other.node.peerId);
    this.#device.banned++;
    this.#drop(link);
  }

  #drop(link: LinkEnd): void {
    link.close(link.route.latencyMs);
    this.#device.closed(link);
  }

  #serve(): void {
    const { timeline } = this.#world;
    this.#look(this.#uploads.next(timeline.now(), this.#device.haves.count));
  }

  #look(at: number): void {
    if (at >= this.#lookAt) return;
    this.#lookAt = at;
    this.#device.later(at - this.#world.timeline.now(), () => {
      if (this.#lookAt !== at) return;
      this.#lookAt = Number.POSITIVE_INFINITY;
      this.#serve();
    });
  }

  #tick(): void {
    this.#uploads.adapt(this.#world.timeline.now());
    this.#serve();
    if (this.#device.complete) this.#dropSeeds();
    this.#dial();
    this.#device.later(tickMs, () => this.#tick());
  }

  #dropSeeds(): void {
    for (const link of [...this.links]) {
      if (!link.other.node.complete) continue;
      this.#book.isSeed(link.other.node.peerId);
      this.#drop(link);
    }
  }

  /** HTTP waits until those who were named know us, but never long for an address that does not answer. */
  #offer(peers: PeerEntry[]): void {
    for (const peer of peers) if (peer.PeerId !== this.#device.peerId) this.#book.add(peer);
    const waitMs = this.#dial();
    if (this.#originAllowed) return;
    if (peers.length === 0) this.#allowOrigin();
    else this.#device.later(waitMs, () => this.#allowOrigin());
  }

  #allowOrigin(): void {
    if (this.#originAllowed) return;
    this.#originAllowed = true;
    this.#device.tell({ type: 'originAllowed', allowed: true });
  }

  /** @returns how long it takes until all have answered, or are not waited for, ms */
  #dial(): number {
    const now = this.#world.timeline.now();
    const places = this.#world.limits.members - this.links.length;
    const made = this.links.length - this.#incoming;
    const forMs = now - this.#startedAt;
    const room = this.#device.fetchesForSite
      ? places
      : Math.min(places, crowdRoom(made, this.links.length, forMs));
    const isWanted = (peerId: string, left: number) =>
      !this.#byPeer.has(peerId) &&
      !this.#banned.has(peerId) &&
      (left > 0 || !this.#device.complete);
    let waitMs = 0;
    for (const peerId of this.#book.take(now, room, isWanted)) {
      const peer = this.#device.options.peerOf(peerId);
      waitMs = Math.max(waitMs, peer ? this.#dialOne(peer) : 0);
    }
    return waitMs;
  }

  #dialOne(peer: Node): number {
    const there = this.#device.options.routeTo(peer);
    if (!peer.running) {
      this.#device.later(connectTimeoutMs, () => this.#connected(peer, false));
      return noAnswerMs;
    }
    // The connection and the handshakes take a round trip each, hello and its answer another.
    this.#device.later(4 * there.latencyMs, () => this.#connected(peer, this.#meet(peer)));
    return 6 * there.latencyMs;
  }

  #connected(peer: Node, ok: boolean): void {
    this.#book.done(peer.peerId, ok, this.#world.timeline.now());
  }

  #meet(peer: Node): boolean {
    const { options } = this.#device;
    if (!peer.running || !this.accepts(peer.peerId, false)) return false;
    if (!peer.accepts(this.#device.peerId)) return false;
    LinkEnd.connect(
      this.#world,
      this.#device,
      peer,
      options.routeTo(peer),
      peer.routeTo(this.#device),
    );
    return true;
  }
}
