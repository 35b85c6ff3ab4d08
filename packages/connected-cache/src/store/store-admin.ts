import type { CacheStore } from './cache-store.ts';
import { hostMatches, otherClass, splitKey } from './content-classes.ts';
import type { DriveIssue } from './drive-issue.ts';
import type { StoredObject } from './stored-object.ts';

/** Which objects are meant: one, those of a host (`host`, `host:port`, `*.suffix`), or a beginning. */
export type Selection = { url: string } | { host: string } | { prefix: string };

export interface ObjectSummary {
  Url: string;
  Class: string;
  /** Bytes. */
  Length: number;
  StoredBytes: number;
  Pinned: boolean;
  /** Wall time in ms of the last use; undefined when nothing is on disk. */
  UsedAt: number | undefined;
  Drive: string | undefined;
}

export interface DriveSummary {
  Folder: string;
  /** ReadOnly: writing has failed; Aside: nothing on it can be used. Both are tried again. */
  State: 'Ready' | 'ReadOnly' | 'Aside';
  /** As configured, and what can be used of it. */
  MaxBytes: number;
  LimitBytes: number;
  Bytes: number;
  PinnedBytes: number;
  Objects: number;
}

export interface ClassSummary {
  Name: string;
  Bytes: number;
  QuotaBytes: number | undefined;
}

const mostListed = 1000;

/** What those who run the node ask of the store, and tell it. */
export class StoreAdmin {
  readonly #store: CacheStore;

  constructor(store: CacheStore) {
    this.#store = store;
  }

  /** The objects, in the order in which they came. @param limit no more than 1000 */
  list(selection: Selection = { prefix: '' }, limit = mostListed): ObjectSummary[] {
    const found: ObjectSummary[] = [];
    for (const object of this.#store.all()) {
      if (found.length >= Math.min(limit, mostListed)) break;
      if (isMeant(selection, object)) found.push(summaryOf(object));
    }
    return found;
  }

  /**
   * Forgets objects, pinned ones too: the next request fetches them anew. Answers under way end as they
   * began.
   */
  purge(selection: Selection): { Objects: number; Bytes: number } {
    const meant = [...this.#store.all()].filter((object) => isMeant(selection, object));
    const Bytes = meant.reduce((sum, object) => sum + storedBytes(object), 0);
    for (const object of meant) this.#store.retire(object);
    return { Objects: meant.length, Bytes };
  }

  /** URLs that must not be evicted, and beginnings with `*` at the end. */
  get pins(): string[] {
    return this.#store.pins.all;
  }

  /** @throws InvalidArgument, and what writing throws */
  pin(pin: string): Promise<void> {
    return this.#store.pins.add(pin);
  }

  /** @returns whether there was one. @throws what writing throws */
  unpin(pin: string): Promise<boolean> {
    return this.#store.pins.remove(pin);
  }

  drives(): DriveSummary[] {
    return this.#store.fleet.drives.map(({ folder, maxBytes, ready, resting, space, objects }) => ({
      Folder: folder,
      State: !ready ? 'Aside' : resting ? 'ReadOnly' : 'Ready',
      MaxBytes: maxBytes,
      LimitBytes: ready ? Math.floor(space.limits.high) : 0,
      Bytes: space.bytes,
      PinnedBytes: space.pinnedWeight,
      Objects: objects.size,
    }));
  }

  /** Of what class an object of this URL would be. */
  classOf(url: string): string {
    return this.#store.classes.nameOf(url);
  }

  classes(): ClassSummary[] {
    const bytes = new Map<string, number>();
    for (const { space } of this.#store.fleet.drives) {
      for (const [name, more] of space.classBytes) bytes.set(name, (bytes.get(name) ?? 0) + more);
    }
    const all = [...this.#store.classes.all, { name: otherClass, maxBytes: undefined }];
    return all.map(({ name, maxBytes }) => ({
      Name: name,
      Bytes: bytes.get(name) ?? 0,
      QuotaBytes: maxBytes,
    }));
  }

  /** What is wrong with the drives, and was; the oldest first. */
  issues(): readonly DriveIssue[] {
    return this.#store.fleet.issues.all;
  }
}

function isMeant(selection: Selection, { url }: StoredObject): boolean {
  if ('url' in selection) return url === selection.url;
  if ('prefix' in selection) return url.startsWith(selection.prefix);
  return hostMatches(selection.host, splitKey(url).host);
}

function summaryOf(object: StoredObject): ObjectSummary {
  const uses = [...object.eachSegment()].map(({ usedAt }) => usedAt);
  return {
    Url: object.url,
    Class: object.className,
    Length: object.length,
    StoredBytes: storedBytes(object),
    Pinned: object.pinned,
    UsedAt: uses.length > 0 ? Math.max(...uses) : undefined,
    Drive: object.drive?.folder,
  };
}

function storedBytes(object: StoredObject): number {
  let sum = 0;
  for (const { bytes } of object.eachSegment()) sum += bytes;
  return sum;
}
