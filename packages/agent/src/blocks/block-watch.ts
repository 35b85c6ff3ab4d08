import {
  type Block,
  type BlockListReply,
  type Clock,
  contentIdOf,
  isFinalState,
  sluiceError,
} from '@sluice/protocol';
import type { Logger } from 'pino';
import type { CachedContents } from '../cache/cached-contents.ts';
import { deadline } from '../clock/deadline.ts';
import type { ContentHub } from '../content/content-hub.ts';
import type { Download } from '../download/download.ts';
import type { CloudClient } from '../services/cloud-client.ts';

/** After the start, half to one and a half of it: a fleet that starts together does not ask together. ms */
const firstMs = 30_000;
/** When the cloud did not answer, ms. */
const retryMs = 60_000;
/** Something that is blocked is still in use, ms. */
const busyMs = 5_000;
/** What the cloud may ask for, s. */
const refresh = { least: 30, most: 86_400 };
const timeoutMs = 10_000;

export interface BlockWatchOptions {
  cloud: () => Pick<CloudClient, 'blockList'> | undefined;
  hub: ContentHub;
  contents: CachedContents;
  downloads: () => Iterable<Download>;
  clock: Clock;
  random: () => number;
  logger: Logger;
}

/**
 * Asks the cloud, again and again, what may be had and shared no more: ends such downloads, stops sharing it at once,
 * and deletes it from the store, pinned or not. When the cloud cannot be asked, what it said last is done.
 */
export class BlockWatch {
  readonly #options: BlockWatchOptions;
  readonly #closing = new AbortController();
  #cancelTimer = () => {};
  #looking: Promise<void> = Promise.resolve();
  #list: BlockListReply | undefined;

  constructor(options: BlockWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#lookIn(firstMs * (0.5 + this.#options.random()));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelTimer();
    await this.#looking;
  }

  /** Asks, and carries it out. @returns when to look again, ms. Never rejects. */
  async look(): Promise<number> {
    const { clock, logger } = this.#options;
    let wait = retryMs;
    try {
      using limit = deadline(clock, timeoutMs, this.#closing.signal);
      this.#list = await this.#options.cloud()?.blockList(limit.signal);
      const { RefreshSeconds = refresh.most } = this.#list ?? {};
      wait = 1000 * Math.min(refresh.most, Math.max(refresh.least, RefreshSeconds));
    } catch (err) {
      if (!this.#closing.signal.aborted) logger.info({ err }, 'what is blocked is not known');
    }
    try {
      const isDone = await this.#carryOut(this.#list?.Blocked ?? []);
      return isDone ? wait : busyMs;
    } catch (err) {
      logger.error({ err }, 'what is blocked cannot be deleted');
      return retryMs;
    }
  }

  #lookIn(ms: number): void {
    this.#cancelTimer = this.#options.clock.setTimer(ms, () => {
      this.#looking = this.look().then((next) => {
        if (!this.#closing.signal.aborted) this.#lookIn(next);
      });
    });
  }

  /** @returns whether nothing of it is left */
  async #carryOut(blocks: readonly Block[]): Promise<boolean> {
    if (blocks.length === 0) return true;
    const { hub, contents, downloads, logger } = this.#options;
    for (const download of downloads()) {
      const block = blocks.find((b) => isOf(b, download.publicUrl, download.trusted?.HashOfHashes));
      if (block && !isFinalState(download.progress.state)) await stop(download, block);
    }
    let isDone = true;
    for (const { key, hashOfHashes = key, caching } of await hub.store.survey()) {
      const block = blocks.find((b) => isOf(b, caching?.url ?? key, hashOfHashes));
      if (!block) continue;
      // Who is getting it from here gets no more.
      hub.find(key)?.setOpen(false);
      const isGone = await contents.drop(key);
      if (isGone) logger.warn({ key, reason: block.Reason }, 'a blocked content was deleted');
      isDone &&= isGone;
    }
    return isDone;
  }
}

async function stop(download: Download, { Then, Reason }: Block): Promise<void> {
  if (Then === 'Fail') {
    await download.abort(sluiceError('ContentBlocked', { reason: Reason }));
    return;
  }
  download.progress.allow = { Http: true, P2P: false, Cache: false };
  download.progress.shared?.setOpen(false);
}

function isOf(block: Block, url: string, hashOfHashes: string | undefined): boolean {
  const { ContentId, HashOfHashes, UrlPrefix } = block;
  if (UrlPrefix !== undefined && url.startsWith(UrlPrefix)) return true;
  if (hashOfHashes === undefined) return false;
  return HashOfHashes === hashOfHashes || ContentId === contentIdOf(hashOfHashes);
}
