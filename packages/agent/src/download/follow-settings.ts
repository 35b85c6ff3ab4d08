import type { SharedContent } from '../content/shared-content.ts';
import type { Download, DownloadContext } from './download.ts';
import type { Origins } from './origins.ts';
import { mayUsePeers } from './peer-gates.ts';
import { type PeerScope, peerScope } from './settled-mode.ts';

/** What is to be done for a download when settings change. */
export interface Followed {
  origins: Origins;
  /** Bytes. */
  fileSize: number;
  /** By what it was planned: it may have changed since. */
  scope: Pick<PeerScope, 'mode' | 'groupId' | 'plannedWith'>;
  /** What it shares; undefined while it has no peers. */
  shared: () => SharedContent | undefined;
  /** Has it look for peers in the way of `scope`, whether it did so before or not. */
  seek: (scope: PeerScope) => Promise<void>;
}

/**
 * Has a running download's peers be as settings say: takes them away when a change rules them out, gives
 * them back, or gives them for the first time, when one allows them, and looks for others when the mode or
 * the group is another. One change after the other, and the last one counts.
 */
export class SettingsFollower {
  readonly #download: Download;
  readonly #context: DownloadContext;
  readonly #followed: Followed;
  readonly #unwatch: () => void;
  #done;
  #looking: Promise<void> | undefined;
  #over = false;
  /** Whether peers are allowed, as far as was looked. */
  isOpen = true;

  constructor(download: Download, context: DownloadContext, followed: Followed) {
    this.#download = download;
    this.#context = context;
    this.#followed = followed;
    this.#done = followed.scope;
    this.#unwatch = context.settings.watch(() => this.#begin());
    if (context.settings.current !== followed.scope.plannedWith) this.#begin();
  }

  /** Ends it; resolves when nothing of it is under way. */
  async stop(): Promise<void> {
    this.#over = true;
    this.#unwatch();
    await this.#looking;
  }

  #begin(): void {
    this.#looking ??= this.#lookUntilSettled()
      .catch((err: unknown) => {
        this.#context.logger.error({ err }, 'a change was not carried out');
      })
      .finally(() => {
        this.#looking = undefined;
      });
  }

  async #lookUntilSettled(): Promise<void> {
    const { settings } = this.#context;
    let seen: unknown;
    while (!this.#over && seen !== settings.current) {
      seen = settings.current;
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { origins, fileSize, shared, seek } = this.#followed;
    const scope = await peerScope(this.#download.request, this.#context);
    const may = await mayUsePeers(this.#download, this.#context, scope.mode, fileSize);
    this.isOpen = may;
    if (this.#over) return;
    if (!may) {
      shared()?.setOpen(false);
      // Nobody is left to wait for.
      origins.opening?.nobody();
      return;
    }
    const isOther = scope.mode !== this.#done.mode || scope.groupId !== this.#done.groupId;
    if (isOther || !shared()) {
      // Who came by the old mode may not be meant by the new one.
      shared()?.setOpen(false);
      await seek(scope);
      this.#done = scope;
    }
    shared()?.setOpen(true);
  }
}
