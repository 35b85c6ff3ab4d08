import type { SharedContent } from '../content/shared-content.ts';
import type { TrustedContent } from '../jobs/job.ts';
import type { CloudClient } from '../services/cloud-client.ts';
import { publicUrl } from '../services/public-url.ts';
import type { ContentPlan } from './content-plan.ts';
import type { Download, DownloadContext } from './download.ts';
import type { OpenedContent } from './open-stored.ts';
import type { TransferPeers } from './transfer-swarm.ts';

/** While peers are connected, they may still get what they lack. Who joins the array at all does so within that. */
const connectedHopeMs = 60_000;
/** While peers are being looked for. */
const seekingHopeMs = 5_000;

/** How others are looked for. */
type AnnouncePlan = Pick<ContentPlan, 'cloud' | 'mode' | 'groupId' | 'findsLocally'> &
  Partial<Pick<ContentPlan, 'arrayUrl'>>;

/** A content that a download shares with peers, while it has the turn and, if it keeps it, afterwards. */
export class Sharing {
  readonly shared: SharedContent;
  readonly #isOnlyHope: boolean;
  /** Resolves with how many peers those who were asked named at first, 0 when there is none. */
  answered: Promise<number>;
  #heard = false;
  #begin: (() => void) | undefined;

  /** @param isOnlyHope HTTP is not allowed: who has the content may come later. */
  constructor(shared: SharedContent, isOnlyHope = false) {
    this.shared = shared;
    this.#isOnlyHope = isOnlyHope;
    this.answered = Promise.resolve(shared.namedPeers);
  }

  /** As `begin`, when `beginNow` is called: looking around takes 50 ms of the processor, which HTTP may need first. */
  beginLater(...args: Parameters<Sharing['begin']>): void {
    this.#begin = () => this.begin(...args);
  }

  beginNow(): void {
    this.#begin?.();
  }

  /** Has this device and others find each other, in the ways of the plan. */
  begin(
    download: Download,
    context: DownloadContext,
    content: TrustedContent,
    plan: AnnouncePlan,
  ): void {
    this.#begin = undefined;
    const { shared } = this;
    const { cloud, mode, groupId, findsLocally, arrayUrl } = plan;
    const { localPeers } = context.hub;
    shared.swarm.groupOnly = mode === 'Group';
    shared.swarm.groupId = groupId;
    const lookAround = () =>
      findsLocally && localPeers
        ? shared.lookAround(localPeers, mode === 'Group' ? groupId : undefined)
        : Promise.resolve(0);
    const isLocalOnly = context.hub.options.network.restriction === 'local';
    const found = cloud && !isLocalOnly ? undefined : lookAround();
    // Where the array names peers, that all of a large site tell each other the same is work for nothing.
    const asked = cloud
      ? this.#announce(download, context, content, { cloud, mode, groupId, arrayUrl }).then(
          (named) => {
            if (named === 0 && !found && findsLocally && localPeers) {
              shared.lookAroundIfAlone(localPeers, mode === 'Group' ? groupId : undefined);
            }
            return named;
          },
        )
      : (found ?? Promise.resolve(0));
    // Who found us first may be connected already.
    this.answered = asked.then(() => Math.max(shared.namedPeers, [...shared.swarm.members].length));
    this.answered.then(() => {
      this.#heard = true;
    });
  }

  /** What a transfer has of it. */
  get peers(): TransferPeers {
    return { swarm: this.shared.swarm, hopeMs: () => this.hopeMs() };
  }

  /** How long peers may yet bring what nobody connected has, ms. */
  hopeMs(): number {
    const isConnected = [...this.shared.swarm.members].length > 0;
    if (isConnected || this.#isOnlyHope) return connectedHopeMs;
    return this.#heard && this.shared.namedPeers === 0 ? 0 : seekingHopeMs;
  }

  /** Serves what is there, and takes what is missing. */
  setContent({ entry, geometry }: OpenedContent): void {
    const phf = entry.phf();
    if (!phf || this.shared.entry) return;
    this.shared.entry = entry;
    this.shared.swarm.setContent({ entry, ...geometry, phf });
  }

  /** Has the array name this device to others, and others to this device. Never rejects. */
  #announce(
    download: Download,
    { logger }: DownloadContext,
    content: TrustedContent,
    found: { cloud: CloudClient } & Pick<ContentPlan, 'mode' | 'groupId' | 'arrayUrl'>,
  ): Promise<number> {
    const { request } = download;
    return this.shared
      .announce({
        ...found,
        contentId: content.ContentId,
        // Who reads the array's log need not learn the password.
        request: { ...request, Url: publicUrl(request.Url) },
        isBackground: () => !download.foreground.current,
        progress: () => progressOf(download, this.shared),
      })
      .catch((err: unknown) => {
        logger.warn({ err }, 'the content could not be announced');
        return 0;
      });
  }
}

/**
 * Shares the content from now on. To be called in its turn.
 * @throws ListenFailed when no peer could reach this device at the port it was told to use.
 */
export async function openSharing(
  download: Download,
  { hub, holds }: DownloadContext,
  { HashOfHashes }: TrustedContent,
): Promise<Sharing> {
  await hub.listen();
  const shared = hub.share(HashOfHashes);
  holds.hold(HashOfHashes, shared, download.id);
  download.progress.shared = shared;
  download.progress.peersOf = shared;
  return new Sharing(shared, download.progress.allow?.Http === false);
}

function progressOf(download: Download, { entry }: SharedContent) {
  const { FileSize, FileSizeInCache, TotalBytesDownloaded } = download.status();
  return {
    // A newcomer that does not know the size yet is not a seed.
    left: entry ? FileSize - FileSizeInCache : 1,
    downloaded: TotalBytesDownloaded,
    fromHttp: download.counters.BytesFromHttp,
    fromCache: download.counters.BytesFromCacheServer,
  };
}
