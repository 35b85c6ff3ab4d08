import {
  type Clock,
  type DownloadModeName,
  DownloadModes,
  type DownloadRequest,
  type JoinRequest,
  type PeerEntry,
  type PeerId,
  type SluiceError,
  toSluiceError,
} from '@sluice/protocol';
import type { Logger } from 'pino';
import type { LocalPeers } from '../local-discovery/local-peers.ts';
import { ArrayMembership } from '../services/array-membership.ts';
import type { CloudClient } from '../services/cloud-client.ts';
import { localAddressTowards } from '../services/local-address.ts';
import type { ContentEntry } from '../store/index.ts';
import { ContentSwarm } from '../swarm/content-swarm.ts';
import { dropMembers, SwarmGate } from '../swarm/swarm-gate.ts';
import type { SwarmOptions } from '../swarm/swarm-options.ts';
import { allowsAnyone } from '../swarm/upload-permit.ts';
import type { Offerable } from './offers.ts';

export interface SharedContentOptions extends SwarmOptions {
  clock: Clock;
  logger: Logger;
  self: PeerId;
  onClosed: () => void;
}

/** How the device presents itself in the array for a content. */
export interface Presence {
  cloud: CloudClient;
  contentId: string;
  /** The array instance, where discovery need not be asked. */
  arrayUrl?: string | undefined;
  mode: DownloadModeName;
  /** In mode Group. */
  groupId: string | undefined;
  request: DownloadRequest;
  /** Nobody waits for it, at the moment. */
  isBackground: () => boolean;
  /** Bytes still missing, bytes had so far. */
  progress: () => { left: number; downloaded: number; fromHttp: number; fromCache: number };
}

/** Whom the array names nobody to may be the first of many: those who come next are told of it, and call. */
const aloneMs = 1_000;

/**
 * A content this device shares with others, while it is fetched and afterwards: its swarm, its place
 * in the array, and its entry in the store.
 */
export class SharedContent implements Offerable {
  readonly swarm: ContentSwarm;
  entry: ContentEntry | undefined;
  /** The most that the array named at once; undefined while it has not answered. */
  mostNamed: number | undefined;
  /** Why the array gave no answer, the last time it was asked. */
  arrayFault: SluiceError | undefined;
  /** Whom the array named at its last answer. */
  #named: PeerId[] = [];
  /** Whom local discovery has found. */
  readonly #found = new Set<PeerId>();
  readonly #options: SharedContentOptions;
  readonly #unwatchUploads: () => void;
  readonly #gate: SwarmGate;
  #membership: ArrayMembership | undefined;
  /** What was announced last. */
  #presence: Presence | undefined;
  #offered = true;
  #local: { peers: LocalPeers; stop: () => void } | undefined;
  /** Tells who waits for the array's first answer. */
  #answer: (named: number) => void = () => {};
  /** Announcements come one after the other. */
  #announced: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #cancelLook: () => void = () => {};

  constructor(options: SharedContentOptions) {
    this.#options = options;
    this.#gate = new SwarmGate(options.network);
    this.swarm = new ContentSwarm({ ...options, network: this.#gate });
    let couldUpload = true;
    this.#unwatchUploads = options.uploads.watch(() => {
      const canUpload = allowsAnyone(options.uploads);
      if (canUpload !== couldUpload) this.announceNow();
      couldUpload = canUpload;
    });
  }

  /** Peers that the array named at its last answer or local discovery found, each once. */
  get namedPeers(): number {
    return new Set([...this.#named, ...this.#found]).size;
  }

  /** Those that were found on the local network, and are still there. */
  get foundPeers(): number {
    return this.#found.size;
  }

  /**
   * Looks for peers on the local network, and has them find this device; those found are connected to.
   * @param groupId set in group mode: only who has the same one is found.
   * @returns resolves within a quarter of a second with how many were found. Never rejects.
   */
  lookAround(peers: LocalPeers, groupId: string | undefined): Promise<number> {
    this.#local?.stop();
    const { swarmHash: hashOfHashes } = this.#options;
    const { answered, stop } = peers.add({
      hashOfHashes,
      groupId,
      isComplete: () => this.entry?.pieces.complete === true,
      found: (addresses) => {
        for (const { PeerId } of addresses) this.#found.add(PeerId);
        // The address that is named last is tried first.
        this.swarm.offer(addresses.toReversed(), 'local');
      },
      lost: (peer) => {
        this.#found.delete(peer);
        this.swarm.retract(peer, 'local');
      },
    });
    this.#local = { peers, stop };
    return answered;
  }

  /** The same a little later, unless somebody has called by then, or it is over. */
  lookAroundIfAlone(peers: LocalPeers, groupId: string | undefined): void {
    this.#cancelLook();
    if (this.#closing) return;
    this.#cancelLook = this.#options.clock.setTimer(aloneMs, () => {
      if ([...this.swarm.members].length === 0) void this.lookAround(peers, groupId);
    });
  }

  /**
   * Joins the array and keeps joining; peers it names are connected to. Replaces what was announced
   * before.
   * @returns resolves with how many peers the first answer named, 0 when there is none. Never rejects.
   */
  announce(presence: Presence): Promise<number> {
    // Where the array is holds now, not when it is announced again.
    this.#presence = { ...presence, arrayUrl: undefined };
    this.#offered = true;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#announced = this.#announced
      .then(() => this.#replace(presence, resolve))
      .catch((err: unknown) => {
        this.#options.logger.warn({ err }, 'the content cannot be announced');
        resolve(0);
      });
    return promise;
  }

  /** Whether there may be peers at all: settings change while a content is fetched. */
  setOpen(open: boolean): void {
    if (open !== this.#gate.isClosed) return;
    this.#gate.isClosed = !open;
    if (!open) {
      dropMembers(this.swarm.members);
      return;
    }
    this.announceNow();
    // Those known from before need not be named again.
    this.swarm.offer([]);
  }

  /** The download mode or group has changed: whom the array named before is not meant any more. */
  forgetNamed(): void {
    this.#named = [];
    this.swarm.forgetNamed();
  }

  /** Tells others at once that something changed, such as completion. */
  announceNow(): void {
    this.#membership?.rejoinNow();
    this.#local?.peers.changed();
  }

  /** Whether newcomers find this content here: the array is told, who is connected stays so. */
  setOffered(offered: boolean): void {
    if (offered === this.#offered) return;
    if (offered && this.#presence) void this.announce(this.#presence);
    this.#offered = offered;
    if (!offered) this.#announced = this.#announced.then(() => this.#withdraw());
  }

  /** Leaves array and swarm, then closes the entry. Closing twice is no fault. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#options.onClosed();
    this.#unwatchUploads();
    this.#cancelLook();
    this.#local?.stop();
    await Promise.all([this.#leave(), this.swarm.close()]);
    await this.entry?.close();
    this.entry = undefined;
  }

  async #replace(presence: Presence, answer: (named: number) => void): Promise<void> {
    await this.#withdraw();
    this.#answer = answer;
    if (this.#closing) answer(0);
    else await this.#join(presence);
  }

  async #leave(): Promise<void> {
    await this.#announced;
    await this.#withdraw();
  }

  async #withdraw(): Promise<void> {
    await this.#membership?.stop();
    this.#membership = undefined;
    this.#answer(0);
  }

  async #join(presence: Presence): Promise<void> {
    const { clock, logger } = this.#options;
    const reportedIp = await localAddressTowards(presence.cloud.url);
    this.#membership = new ArrayMembership({
      cloud: presence.cloud,
      content: { contentId: presence.contentId, url: presence.request.Url },
      arrayUrl: presence.arrayUrl,
      clock,
      mayJoin: () => this.#isOfUse(),
      describe: () => this.#describe(presence, reportedIp),
      onPeers: (peers: PeerEntry[], fetchesForSite) => {
        this.swarm.duty.set(fetchesForSite);
        this.#named = peers.map(({ PeerId }) => PeerId);
        this.mostNamed = Math.max(this.mostNamed ?? 0, peers.length);
        this.arrayFault = undefined;
        this.swarm.offer(peers);
        this.#answer(peers.length);
      },
      onFault: (err) => {
        logger.warn({ err }, 'the array cannot be reached; peers that are connected stay');
        this.arrayFault = toSluiceError(err);
        this.#answer(0);
      },
    });
    this.#membership.start();
  }

  /** Who has everything and may not upload has no business in the array; who lacks something has. */
  async #isOfUse(): Promise<boolean> {
    if (!this.entry?.pieces.complete) return true;
    await this.#options.uploads.settled();
    return allowsAnyone(this.#options.uploads);
  }

  #describe(presence: Presence, reportedIp: string | undefined): JoinRequest {
    const { left, downloaded, fromHttp, fromCache } = presence.progress();
    const { request, mode, groupId, contentId } = presence;
    const sent = Object.values(this.swarm.sent).reduce((a, b) => a + b, 0);
    return {
      ContentId: contentId,
      AltCatalogId: request.Url,
      PeerId: this.#options.self,
      Port: String(this.#options.listenPort()),
      Scope: String(DownloadModes[mode]),
      Left: String(left),
      Downloaded: String(downloaded),
      DownloadedCdn: String(fromHttp - fromCache),
      DownloadedDoinc: String(fromCache),
      Uploaded: String(sent),
      IsBackground: presence.isBackground() ? '1' : '0',
      PeersWanted: '50',
      ...(allowsAnyone(this.#options.uploads) ? {} : { RestrictedUpload: '1' }),
      ...(reportedIp ? { ReportedIp: reportedIp } : {}),
      ...(mode === 'Group' && groupId ? { GroupId: groupId } : {}),
    };
  }
}
