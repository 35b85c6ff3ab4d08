import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import {
  type Clock,
  formatPiecesHashFile,
  isSluiceError,
  type PieceGeometry,
  type PieceMap,
  pieceLength,
  sluiceError,
} from '@sluice/protocol';
import { digestPieces } from '../hashing/index.ts';
import { withCaching } from './caching.ts';
import type { CachingChange, ContentEntry, DeliveryOptions, WantedRun } from './content-entry.ts';
import { deliverTo, keepSealed } from './delivery.ts';
import { diskError } from './disk-error.ts';
import { createFiles, openFiles, wipeContent } from './entry-files.ts';
import type { EntryPaths } from './entry-paths.ts';
import type { CachingRecord, JsonValue } from './entry-record.ts';
import type { FileOps } from './file-ops.ts';
import { findBadPieces } from './find-bad-pieces.ts';
import { bytesByOrigin, emptyJournal, identityOf } from './journal.ts';
import type { PieceBuffer } from './piece-buffer-pool.ts';
import type { PieceWorker } from './piece-worker.ts';
import { PieceWrites } from './piece-writes.ts';
import type { PreparedEntry } from './prepare-entry.ts';
import { RecordFile } from './record-file.ts';
import { checkUnchanged, makeDurable } from './seal.ts';
import { asPhf } from './stored-digests.ts';
import type { Placement } from './target-file.ts';
import { Tasks } from './tasks.ts';

/** What the store lends its entries. */
export interface EntryHost {
  worker: PieceWorker;
  clock: Clock;
  files: FileOps;
  /** Gives the lock back. */
  release(): Promise<void>;
  /** Deletes the folder of the entry, lock and all. */
  discard(): Promise<void>;
}

/** Systems write pages to the disk within half a minute (Linux: dirty_expire_centisecs). */
const syncDelayMs = 60_000;

/** The content entry over the files of a `PreparedEntry`, which it owns from then on. */
export class FileEntry implements ContentEntry {
  readonly pieces: PieceMap;
  readonly recovered: Readonly<Record<number, number>>;
  lastRead: number | undefined;
  readonly #paths: EntryPaths;
  readonly #host: EntryHost;
  readonly #geometry: PieceGeometry;
  readonly #digests: Uint8Array | undefined;
  readonly #boot: Buffer;
  readonly #tasks: Tasks;
  readonly #record: RecordFile;
  #data: FileHandle;
  #journalFile: FileHandle;
  #writes: PieceWrites;
  #resetting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #phf: Uint8Array | undefined;
  /** The data file was given to the user: nothing is left to keep. */
  #given = false;
  #cancelSync = () => {};

  constructor(paths: EntryPaths, prepared: PreparedEntry, host: EntryHost) {
    const { journal, record, digests, data, journalFile } = prepared;
    const { contentLength, pieceSize } = record;
    this.#geometry = { contentLength, pieceSize };
    this.pieces = journal.pieces;
    this.recovered = bytesByOrigin(journal, this.#geometry);
    this.#paths = paths;
    this.#host = host;
    this.#digests = digests;
    this.#boot = journal.boot;
    this.#tasks = new Tasks(record.key);
    this.#record = new RecordFile(paths.record, record, host.files);
    this.#data = data;
    this.#journalFile = journalFile;
    this.#writes = this.#writesWith(journal.identity);
  }

  get key(): string {
    return this.#record.value.key;
  }

  get caching(): CachingRecord | undefined {
    return this.#record.value.caching;
  }

  setCaching(change: CachingChange): Promise<void> {
    return this.#tasks.run(() => this.#onDisk(() => this.#record.update(withCaching(change))));
  }

  keep(): Promise<void> {
    return this.#tasks.runInTurn(async () => {
      this.#checkComplete();
      await this.#onDisk(() => keepSealed(this.#data, this.#record));
    });
  }

  get pieceSize(): number {
    return this.#geometry.pieceSize;
  }

  findBad(pieces: PieceMap, signal?: AbortSignal): Promise<number[]> {
    return this.#tasks.run(() =>
      this.#onDisk(() => findBadPieces(this.#data, this.#geometry, pieces, this.#digests, signal)),
    );
  }

  /** Bytes that are still to be written. */
  get missingBytes(): number {
    const { contentLength, pieceSize } = this.#geometry;
    return Math.min(contentLength, (this.pieces.length - this.pieces.count) * pieceSize);
  }

  writePiece(piece: number, buffer: PieceBuffer, originTag: number): Promise<boolean> {
    return this.#tasks.run(async () => {
      await this.#resetting;
      return this.#writes.write(piece, buffer.bytes, originTag);
    });
  }

  get takesRun(): boolean {
    return this.#digests !== undefined && this.#host.worker.takesRun;
  }

  fetchRun(wanted: WantedRun, signal: AbortSignal): Promise<number | undefined> {
    return this.#tasks.run(async () => {
      await this.#resetting;
      return this.#writes.fetchRun(wanted, signal);
    });
  }

  read(piece: number, offset: number, target: Uint8Array): Promise<void> {
    this.lastRead = this.#host.clock.now();
    return this.#tasks.run(() => this.#onDisk(() => this.#fill(piece, offset, target)));
  }

  sha256(signal?: AbortSignal): Promise<string> {
    return this.#tasks.run(async () => {
      this.#checkComplete();
      const { contentLength } = this.#geometry;
      if (contentLength === 0) return createHash('sha256').digest('hex');
      const whole = { contentLength, pieceSize: contentLength };
      const digest = await this.#onDisk(async () => {
        checkUnchanged(this.#data, this.#record);
        return digestPieces(this.#data.fd, whole, { signal });
      });
      return Buffer.from(digest).toString('hex');
    });
  }

  async deliver(path: string, options: DeliveryOptions, signal?: AbortSignal): Promise<Placement> {
    const { keep } = options;
    const placement = await this.#tasks.runInTurn(async () => {
      this.#checkComplete();
      const tag = createHash('sha256').update(this.#paths.folder).digest('hex').slice(0, 16);
      const { files } = this.#host;
      const from = { path: this.#paths.data, data: this.#data, record: this.#record, tag, files };
      const placed = await this.#onDisk(() => deliverTo(path, options, from, signal));
      if (!keep) {
        this.#given = true;
        this.#tasks.refuse();
      }
      return placed;
    });
    if (keep) this.#makeDurableLater();
    else await this.close();
    return placement;
  }

  setJob(job: JsonValue): Promise<void> {
    return this.#tasks.run(() =>
      this.#onDisk(() => this.#record.update((record) => ({ ...record, job }))),
    );
  }

  reset(validator?: string): Promise<void> {
    return this.#tasks.runInTurn(() => {
      this.#resetting = this.#onDisk(() => this.#startAnew(validator));
      return this.#resetting;
    });
  }

  phf(): Uint8Array | undefined {
    const { hashOfHashes } = this.#record.value;
    if (!this.#digests || hashOfHashes === undefined) return undefined;
    this.#phf ??= Buffer.from(
      formatPiecesHashFile(asPhf(this.#geometry, hashOfHashes, this.#digests)),
    );
    return this.#phf;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#cancelSync();
    await this.#tasks.end();
    await Promise.all([this.#data.close(), this.#journalFile.close()]);
    await this.#onDisk(() => (this.#given ? this.#host.discard() : this.#host.release()));
  }

  async #fill(piece: number, offset: number, target: Uint8Array): Promise<void> {
    const inside = offset >= 0 && offset + target.length <= pieceLength(this.#geometry, piece);
    if (!inside || !this.pieces.has(piece)) {
      throw sluiceError('Internal', { detail: `read of bytes of piece ${piece} not there` });
    }
    checkUnchanged(this.#data, this.#record);
    const { disk } = this.#host.worker;
    const start = piece * this.#geometry.pieceSize + offset;
    for (let done = 0; done < target.length; ) {
      const where = [target, done, target.length - done, start + done] as const;
      const bytesRead = disk.isPrompt
        ? disk.run(() => readSync(this.#data.fd, ...where))
        : (await this.#data.read(...where)).bytesRead;
      if (bytesRead === 0) {
        const { key } = this.#record.value;
        throw sluiceError('ContentChanged', { key, detail: 'the data file was cut short' });
      }
      done += bytesRead;
    }
  }

  async #startAnew(validator: string | undefined): Promise<void> {
    await this.#writes.settled();
    this.#forgetPieces();
    await wipeContent(this.#paths, this.#host.files);
    await this.#record.update(({ seal: _, delivered: __, ...rest }) => ({
      ...rest,
      ...(validator !== undefined && { validator }),
    }));
    const record = this.#record.value;
    const identity = identityOf({ ...record, hashOfHashes: this.#digests && record.hashOfHashes });
    const empty = emptyJournal(identity, this.#boot, this.pieces.length);
    await createFiles(this.#paths, this.#geometry, empty, this.#host.files);
    const old = [this.#data, this.#journalFile];
    ({ data: this.#data, journalFile: this.#journalFile } = await openFiles(this.#paths));
    this.#writes = this.#writesWith(identity);
    await Promise.all(old.map((file) => file.close()));
  }

  #writesWith(identity: Buffer): PieceWrites {
    const files = {
      data: this.#data,
      journalFile: this.#journalFile,
      path: this.#paths.data,
      geometry: this.#geometry,
      identity,
      digests: this.#digests,
    };
    return new PieceWrites(files, this.pieces, this.#host.worker);
  }

  /** Later, when the system has written most of it by itself: at once it would slow everything down. */
  #makeDurableLater(): void {
    this.#cancelSync();
    this.#cancelSync = this.#host.clock.setTimer(syncDelayMs, () => {
      this.#tasks
        .run(() => makeDurable(this.#data, this.#record))
        .catch(() => {
          // Then it is not known to be on the disk, and is verified again after the next boot.
        });
    });
  }

  #checkComplete(): void {
    if (!this.pieces.complete) throw sluiceError('Internal', { detail: 'content not complete' });
  }

  #forgetPieces(): void {
    for (let p = this.pieces.nextSet(0); p !== -1; p = this.pieces.nextSet(p)) this.pieces.clear(p);
  }

  /** Runs file operations, naming their failures. Pieces of a file that somebody changed are gone. */
  async #onDisk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isSluiceError(error, 'ContentChanged')) this.#forgetPieces();
      throw diskError(error, this.#paths.folder);
    }
  }
}
