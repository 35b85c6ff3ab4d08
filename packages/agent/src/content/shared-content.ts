import {
  type Clock,
  type DownloadModeName,
  DownloadModes,
  type DownloadRequest,
  type JoinRequest,
  type PeerEntry,
  type PeerId,
} from '@sluice/protocol';
import type { Logger } from 'pino';
import { ArrayMembership } from '../services/array-membership.ts';
import type { CloudClient } from '../services/cloud-client.ts';
import { localAddressTowards } from '../services/local-address.ts';
import type { ContentEntry } from '../store/index.ts';
import { ContentSwarm } from '../swarm/content-swarm.ts';
import type { SwarmOptions } from '../swarm/swarm-options.ts';

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
  mode: DownloadModeName;
  request: DownloadRequest;
  /** Bytes still missing, bytes had so far. */
  progress: () => { left: number; downloaded: number; fromHttp: number; fromCache: number };
}

/**
 * A content this device shares with others, while it is fetched and afterwards: its swarm, its place
 * in the array, and its entry in the store.
 */
export class SharedContent {
  readonly swarm: ContentSwarm;
  entry: ContentEntry | undefined;
  /** Peers that the array named at its last answer. */
  namedPeers = 0;
  readonly #options: SharedContentOptions;
  #membership: ArrayMembership | undefined;

  constructor(options: SharedContentOptions) {
    this.#options = options;
    this.swarm = new ContentSwarm(options);
  }

  /**
   * Joins the array and keeps joining; peers it names are connected to.
   * @returns resolves with how many peers the first answer named, 0 when there is none.
   */
  async announce(presence: Presence): Promise<number> {
    const answered = Promise.withResolvers<number>();
    const reportedIp = await localAddressTowards(presence.cloud.url);
    const { clock, logger } = this.#options;
    await this.#membership?.stop();
    this.#membership = new ArrayMembership({
      cloud: presence.cloud,
      content: { contentId: presence.contentId, url: presence.request.Url },
      clock,
      describe: () => this.#describe(presence, reportedIp),
      onPeers: (peers: PeerEntry[]) => {
        this.namedPeers = peers.length;
        this.swarm.offer(peers);
        answered.resolve(peers.length);
      },
      onFault: (err) => {
        logger.warn({ err }, 'the array cannot be reached; peers that are connected stay');
        answered.resolve(0);
      },
    });
    this.#membership.start();
    return answered.promise;
  }

  /** Tells the array at once that something changed, such as completion. */
  announceNow(): void {
    this.#membership?.rejoinNow();
  }

  async close(): Promise<void> {
    this.#options.onClosed();
    await this.#membership?.stop();
    await this.swarm.close();
    await this.entry?.close();
    this.entry = undefined;
  }

  #describe(presence: Presence, reportedIp: string | undefined): JoinRequest {
    const { left, downloaded, fromHttp, fromCache } = presence.progress();
    const { request, mode, contentId } = presence;
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
      IsBackground: request.Foreground ? '0' : '1',
      PeersWanted: '50',
      ...(reportedIp ? { ReportedIp: reportedIp } : {}),
      ...(mode === 'Group' && request.GroupId ? { GroupId: request.GroupId } : {}),
    };
  }
}
