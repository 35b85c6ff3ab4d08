import { createHash } from 'node:crypto';
import { type CacheSettings, expiryOf } from '@sluice/engine';
import { type CacheFile, sluiceError } from '@sluice/protocol';
import type { Live } from '../policy/live.ts';
import { publicUrl } from '../services/public-url.ts';
import type { CachingRecord, ContentStore, SurveyedEntry } from '../store/index.ts';
import type { CachedContents } from './cached-contents.ts';

/** An expiry may be so far ahead (admin.md §6). */
const maxAheadMs = 366 * 86_400_000;

export interface CacheAdminOptions {
  store: ContentStore;
  contents: CachedContents;
  settings: Live<CacheSettings>;
  today: () => Date;
  /** Has what is due go now. */
  sweepSoon: () => void;
}

/** What an admin may do with the files in the store (admin.md §1 and §6). `id`: FileId, URL or HashOfHashes. */
export class CacheAdmin {
  readonly #options: CacheAdminOptions;

  constructor(options: CacheAdminOptions) {
    this.#options = options;
  }

  async list(): Promise<CacheFile[]> {
    const { store, settings, contents } = this.#options;
    const entries = await store.survey();
    return entries.map((entry) => fileOf(entry, settings.current, contents.isBusy(entry.key)));
  }

  /** @throws FileUnknown; PinRefused for what did not come in a mode with peers. */
  async setPinned(id: string, isPinned: boolean): Promise<CacheFile[]> {
    const found = await this.#find(id);
    for (const { caching } of found) {
      const mode = caching?.mode ?? 'Simple';
      const mayPin = mode === 'Lan' || mode === 'Group' || mode === 'Internet';
      if (isPinned && !mayPin) throw sluiceError('PinRefused', { id, mode });
    }
    return this.#change(found, (caching) => ({ ...caching, isPinned }));
  }

  /**
   * Sets when a file goes, all files without `id`; those that are being downloaded go when they are
   * complete. @throws FileUnknown; InvalidArgument for a day more than a year ahead.
   */
  async setExpiration(expireOn: Date, id?: string): Promise<CacheFile[]> {
    const time = expireOn.getTime();
    const ahead = time - this.#options.today().getTime();
    if (!(ahead <= maxAheadMs)) {
      throw sluiceError('InvalidArgument', { name: 'ExpireOn', detail: 'at most a year ahead' });
    }
    const found = await this.#find(id);
    return this.#change(found, (caching) => ({ ...caching, expireOn: Math.max(0, time) }));
  }

  /**
   * Deletes a file, all files without `id`; of those only the pinned ones stay unless `includePinned`.
   * @returns those that went. @throws FileUnknown; PinnedNeedsForce and ContentBusy for one file.
   */
  async remove(id?: string, includePinned = false): Promise<CacheFile[]> {
    const { contents, settings } = this.#options;
    const gone: CacheFile[] = [];
    for (const entry of await this.#find(id)) {
      const isKept = entry.caching?.isPinned === true && !includePinned;
      if (isKept && id !== undefined) throw sluiceError('PinnedNeedsForce', { id });
      if (isKept) continue;
      if (await contents.drop(entry.key)) gone.push(fileOf(entry, settings.current, false));
      else if (id !== undefined) {
        throw sluiceError('ContentBusy', { key: id, owner: 'a download or an upload' });
      }
    }
    return gone;
  }

  async #find(id: string | undefined): Promise<SurveyedEntry[]> {
    const entries = await this.#options.store.survey();
    if (id === undefined) return entries;
    const found = entries.filter((entry) => {
      const { fileId, url } = entry.caching ?? strayOf(entry);
      return [entry.key, fileId, url].includes(id);
    });
    if (found.length === 0) throw sluiceError('FileUnknown', { id });
    return found;
  }

  async #change(
    entries: SurveyedEntry[],
    change: (caching: CachingRecord) => CachingRecord,
  ): Promise<CacheFile[]> {
    const { store, settings, contents, sweepSoon } = this.#options;
    const files: CacheFile[] = [];
    for (const entry of entries) {
      const caching = change(entry.caching ?? strayOf(entry));
      await store.setCaching(entry.key, (now) => change(now ?? strayOf(entry)));
      const isBusy = contents.isBusy(entry.key);
      files.push(fileOf({ ...entry, caching }, settings.current, isBusy));
    }
    sweepSoon();
    return files;
  }
}

/** Of an entry that no download has said anything of: left half done, or in simple mode. */
function strayOf({ key, changedAt }: SurveyedEntry): CachingRecord {
  const isUrl = /^https?:/.test(key);
  return {
    fileId: isUrl ? createHash('sha256').update(key).digest('hex') : key,
    url: isUrl ? publicUrl(key) : key,
    mode: 'Simple',
    since: changedAt,
    usedAt: changedAt,
    isPinned: false,
  };
}

function fileOf(entry: SurveyedEntry, settings: CacheSettings, isBusy: boolean): CacheFile {
  const caching = entry.caching ?? strayOf(entry);
  const { isPinned, expireOn, since, publisher = {} } = caching;
  const keeping = { isPinned, expireOn, since, publisher };
  const expiry = entry.isComplete ? expiryOf(keeping, settings) : expireOn;
  return {
    FileId: caching.fileId,
    FileSize: entry.contentLength,
    FileSizeInCache: entry.bytes,
    Status: entry.isComplete ? 'Caching' : isBusy ? 'Downloading' : 'Paused',
    DownloadMode: caching.mode,
    SourceURL: caching.url,
    ExpireOn: expiry === undefined ? null : new Date(expiry).toISOString(),
    IsPinned: isPinned,
    HashOfHashes: entry.hashOfHashes ?? null,
    LastUsed: new Date(caching.usedAt).toISOString(),
    IsBusy: isBusy,
  };
}
