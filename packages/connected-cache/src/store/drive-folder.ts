import { randomBytes, randomInt } from 'node:crypto';
import { constants } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from './drive-issue.ts';
import type { DataFile, StoreFiles } from './store-files.ts';
import { lockStore } from './store-lock.ts';

/** What the file `cache.json` of a drive says. */
interface Marker {
  version: number;
  /** Of this very drive: a folder without it is the empty place where it was mounted. */
  id: string;
}

const version = 2;
const markerName = 'cache.json';
/** Ids of one opening follow one another from a random number on, so that none is ever used again. */
const firstIds = 2 ** 47;

/**
 * The folder of one drive: `cache.json`, `index/` and the data files, `data/<2 hex>/<12 hex>`, named by
 * their ids.
 */
export class DriveFolder {
  readonly path: string;
  readonly #files: StoreFiles;
  #id: string | undefined;
  #unlock: (() => Promise<void>) | undefined;
  readonly #firstId = randomInt(firstIds);
  #nextId = this.#firstId;

  constructor(path: string, files: StoreFiles) {
    this.path = path;
    this.#files = files;
  }

  get index(): string {
    return join(this.path, 'index');
  }

  /**
   * Locks the folder and makes it ready to be used. One that was open before must be that one.
   * @returns whether an older cache was emptied
   * @throws CacheBusy, and what the file operations throw
   */
  async open(): Promise<{ emptied: boolean }> {
    const files = this.#files;
    if (this.#id === undefined) await files.makeFolder(this.path, true);
    this.#unlock = await lockStore(this.path);
    try {
      const marker = await this.#readMarker();
      if (this.#id !== undefined && marker?.id !== this.#id) throw notFound(this.path);
      const emptied = marker?.version !== version && (await this.#empty());
      const id = marker?.version === version ? marker.id : randomBytes(8).toString('hex');
      // Written anew in any case: whether the drive can be written to must be known now.
      this.#id = id;
      await this.probe();
      for (const name of ['index', 'data']) await files.makeFolder(join(this.path, name), false);
      return { emptied };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Gives the folder back. */
  async close(): Promise<void> {
    const unlock = this.#unlock;
    this.#unlock = undefined;
    await unlock?.();
  }

  /** Whether the drive is still there. @throws what reading throws */
  async isThere(): Promise<boolean> {
    return (await this.#readMarker())?.id === this.#id;
  }

  /** Finds out whether the drive can be written to. @throws what writing throws */
  async probe(): Promise<void> {
    const path = join(this.path, markerName);
    const marker: Marker = { version, id: this.#id! };
    await this.#files.writeFile(`${path}.new`, `${JSON.stringify(marker)}\n`);
    await this.#files.rename(`${path}.new`, path);
  }

  newId(): number {
    return this.#nextId++;
  }

  /** The data file of that id, made when absent. @throws what the file operations throw */
  async openData(id: number): Promise<DataFile> {
    const path = this.dataPath(id);
    const flags = constants.O_RDWR | constants.O_CREAT;
    try {
      return await this.#files.open(path, flags);
    } catch (error) {
      // A drive that takes nothing more can still be read.
      if (errnoOf(error) === 'EROFS') return this.#files.open(path, 'r');
      if (errnoOf(error) !== 'ENOENT') throw error;
      // Not with its parents: when a drive is gone, the place where it was mounted must stay empty.
      await this.#files.makeFolder(join(path, '..'), false);
      return this.#files.open(path, flags);
    }
  }

  removeData(id: number): Promise<void> {
    return this.#files.remove(this.dataPath(id));
  }

  /** Removes data files that nobody knows, those since `newId` apart. @throws what the file operations throw */
  async removeStrays(isKnown: (id: number) => boolean): Promise<void> {
    const data = join(this.path, 'data');
    for (const group of await this.#files.list(data)) {
      for (const name of await this.#files.list(join(data, group))) {
        const id = /^[0-9a-f]{12}$/.test(name) ? Number.parseInt(name, 16) : -1;
        const isNew = id >= this.#firstId && id < this.#nextId;
        if (!isNew && !isKnown(id)) await this.#files.remove(join(data, group, name));
      }
    }
  }

  dataPath(id: number): string {
    const name = id.toString(16).padStart(12, '0');
    return join(this.path, 'data', name.slice(-2), name);
  }

  /** Undefined when there is none that makes sense. */
  async #readMarker(): Promise<Marker | undefined> {
    try {
      const text = (await this.#files.readFile(join(this.path, markerName))).toString();
      const marker: unknown = JSON.parse(text);
      return isMarker(marker) ? marker : undefined;
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Removes what an older version has left, and nothing else. @returns whether there was any */
  async #empty(): Promise<boolean> {
    const names = await this.#files.list(this.path);
    const ours = names.filter((name) => ['objects', 'index', 'data'].includes(name));
    for (const name of ours) await this.#files.remove(join(this.path, name));
    return ours.length > 0;
  }
}

function isMarker(value: unknown): value is Marker {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    'id' in value &&
    typeof value.version === 'number' &&
    typeof value.id === 'string'
  );
}

function notFound(path: string): Error {
  return Object.assign(new Error(`the cache is no longer in ${path}`), { code: 'ENOENT' });
}
