import { closeSync } from 'node:fs';
import { type ByteRange, isSluiceError } from '@sluice/protocol';
import type { WarmDeps } from '../preheat/warm-object.ts';
import { parseTarget } from '../request/target.ts';
import type { KernelFiles } from '../store/kernel-files.ts';
import type { StoredObject } from '../store/stored-object.ts';
import type { Asked, Grant, Run } from './grant.ts';
import { fixedLines } from './hot-head.ts';
import { type LeaseTable, maxLeases } from './lease-table.ts';
import { resolveRange } from './plain-request.ts';

export interface LeasesDeps
  extends Pick<WarmDeps, 'allow' | 'aliases' | 'opener' | 'store' | 'self'> {
  kernel: KernelFiles;
  table: LeaseTable;
  /** Whether a request is for the node itself. */
  isOwn(target: string, host: string): boolean;
}

interface Lease {
  object: StoredObject;
  source: string;
  slot: number;
  word: number;
  head: string;
  revoked: boolean;
  /** By the number of the data file; undefined = it could not be opened. */
  files: Map<number, Promise<number | undefined>>;
}

/** Descriptors that all leases have, and those of one. */
const maxFiles = 2048;
const maxFilesEach = 512;
/** Data files of one answer. */
const maxFilesAtOnce = 64;
/** Leases that are over and still used: what was evicted takes room as long. */
const maxOver = 256;
const sweepMs = 1000;
/** As `judgeReuse` has it. */
const clockSlackMs = 1000;

/**
 * Leave for the threads that serve what is hot to send it by themselves. A lease is of one state of one
 * object, and over as soon as anything of it goes or changes; its descriptors are its own, so what was
 * evicted meanwhile can be sent to the end all the same.
 */
export class Leases {
  readonly #deps: LeasesDeps;
  readonly #leases = new Map<StoredObject, Lease>();
  readonly #bySlot: (Lease | undefined)[] = [];
  readonly #over = new Set<Lease>();
  readonly #free = Array.from({ length: maxLeases }, (_, i) => maxLeases - 1 - i);
  readonly #ids = new WeakMap<StoredObject, number>();
  #lastId = 0;
  #files = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: LeasesDeps) {
    this.#deps = deps;
    deps.store.changed = (object, isGone) => this.#revoke(object, isGone);
  }

  /** Undefined when it takes more than sending: then the answer is for the HTTP server. */
  async ask({ target, host, range }: Asked): Promise<Grant | undefined> {
    const found = this.#find(target, host);
    const bytes = found && resolveRange(range, found.object.length);
    if (!bytes || !isHeld(found.object, bytes)) return undefined;
    const lease = this.#leaseOf(found.object, found.source);
    if (!lease) return undefined;
    const runs: Grant['runs'] = [];
    const fileBytes = fileBytesOf(lease.object);
    const first = Math.floor(bytes.start / fileBytes);
    const last = Math.floor((bytes.end - 1) / fileBytes);
    if (last - first >= maxFilesAtOnce) return undefined;
    for (let i = first; i <= last; i++) {
      const file = await this.#file(lease, i);
      if (file === undefined || lease.revoked) return undefined;
      runs.push([i, runAround(lease.object, i, Math.max(bytes.start, i * fileBytes), file)]);
    }
    // Pieces may have gone while files were opened.
    return isHeld(lease.object, bytes) ? this.#grant(lease, runs) : undefined;
  }

  /** So many bytes from there on were sent. */
  used(slot: number, word: number, offset: number, bytes: number): void {
    const lease = this.#bySlot[slot];
    if (lease?.word !== word) return;
    this.#deps.store.served(lease.object, lease.object.pieceAt(offset), bytes);
  }

  /** Ends all; nobody may use one any more. */
  close(): void {
    for (const object of [...this.#leases.keys()]) this.#revoke(object, true);
    for (const lease of this.#over) this.#end(lease);
    clearTimeout(this.#timer);
  }

  #find(target: string, host: string): { object: StoredObject; source: string } | undefined {
    const { allow, aliases, opener, store, isOwn } = this.#deps;
    if (isOwn(target, host)) return undefined;
    try {
      const { source: name, path } = parseTarget(target, host);
      const resolved = aliases.resolve(name, allow);
      if (!resolved) return undefined;
      const url = resolved.origin + path;
      const object = opener.passes(url) ? undefined : store.find(url);
      return object && { object, source: resolved.source.label };
    } catch (error) {
      if (isSluiceError(error, 'CacheRequestInvalid')) return undefined;
      throw error;
    }
  }

  #leaseOf(object: StoredObject, source: string): Lease | undefined {
    const known = this.#leases.get(object);
    if (known && known.source === source && known.files.size < maxFilesEach) {
      // The one that was used last is at the end.
      this.#leases.delete(object);
      this.#leases.set(object, known);
      return known;
    }
    if (known) this.#revoke(object, false);
    const { headers, freshness } = object.record;
    const head = fixedLines(headers, this.#deps.self);
    if (head === undefined || !isForAnybody(object)) return undefined;
    if (freshness.lifetimeMs <= freshness.initialAgeMs) return undefined;
    this.#makeRoom();
    const slot = this.#over.size < maxOver ? this.#free.pop() : undefined;
    if (slot === undefined) return undefined;
    const word = this.#deps.table.grant(slot);
    const lease = { object, source, slot, word, head, revoked: false, files: new Map() };
    this.#leases.set(object, lease);
    this.#bySlot[slot] = lease;
    return lease;
  }

  #grant({ object, slot, word, head, source }: Lease, runs: Grant['runs']): Grant {
    const { identity, freshness } = object.record;
    const { receivedAt, initialAgeMs, lifetimeMs } = freshness;
    return {
      slot,
      word,
      object: this.#idOf(object),
      length: object.length,
      fileBytes: fileBytesOf(object),
      runs,
      head,
      source,
      identity,
      newAt: receivedAt - initialAgeMs,
      freshFrom: receivedAt - clockSlackMs,
      freshUntil: receivedAt + lifetimeMs - initialAgeMs,
    };
  }

  #idOf(object: StoredObject): number {
    const id = this.#ids.get(object) ?? ++this.#lastId;
    this.#ids.set(object, id);
    return id;
  }

  #file(lease: Lease, index: number): Promise<number | undefined> {
    const known = lease.files.get(index);
    if (known) return known;
    const opening = this.#open(lease.object, index);
    lease.files.set(index, opening);
    this.#files++;
    opening.then((file) => {
      if (file !== undefined || !lease.files.delete(index)) return;
      this.#files--;
    });
    return opening;
  }

  /** A descriptor of its own, which the store knows nothing of. */
  async #open(object: StoredObject, index: number): Promise<number | undefined> {
    const { store, kernel } = this.#deps;
    const segment = object.segments[index];
    if (!segment) return undefined;
    store.pin(segment);
    try {
      return kernel.duplicate((await segment.file()).fd);
    } catch {
      // Whoever reads the usual way meets the error again, and deals with it.
      return undefined;
    } finally {
      store.unpin(segment);
    }
  }

  #makeRoom(): void {
    for (const object of this.#leases.keys()) {
      if (this.#files < maxFiles && this.#free.length > 0) return;
      this.#revoke(object, false);
    }
  }

  #revoke(object: StoredObject, isGone: boolean): void {
    if (isGone) {
      for (const over of this.#over) {
        if (over.object === object) this.#deps.table.revoke(over.slot, true);
      }
    }
    const lease = this.#leases.get(object);
    if (!lease) return;
    this.#leases.delete(object);
    lease.revoked = true;
    this.#deps.table.revoke(lease.slot, isGone);
    this.#over.add(lease);
    this.#sweep();
  }

  #sweep(): void {
    for (const lease of this.#over) if (!this.#deps.table.isUsed(lease.slot)) this.#end(lease);
    clearTimeout(this.#timer);
    if (this.#over.size > 0) this.#timer = setTimeout(() => this.#sweep(), sweepMs).unref();
  }

  #end(lease: Lease): void {
    this.#over.delete(lease);
    this.#bySlot[lease.slot] = undefined;
    this.#free.push(lease.slot);
    this.#files -= lease.files.size;
    for (const opening of lease.files.values()) {
      opening.then((file) => file !== undefined && closeSync(file));
    }
  }
}

function fileBytesOf({ geometry, segmentPieces }: StoredObject): number {
  return geometry.pieceSize * segmentPieces;
}

/** Whether all of it is on disk, and was checked. */
function isHeld(object: StoredObject, { start, end }: ByteRange): boolean {
  const [first, last] = [object.pieceAt(start), object.pieceAt(end - 1)];
  return [object.pieces, object.checked].every((map) => {
    const missing = map.nextClear(first);
    return missing < 0 || missing > last;
  });
}

/** The pieces that are there around an offset where one is, in its file. */
function runAround(object: StoredObject, index: number, at: number, file: number): Run {
  const { pieceSize } = object.geometry;
  const isThere = (piece: number) => object.pieces.has(piece) && object.checked.has(piece);
  const lowest = index * object.segmentPieces;
  const highest = Math.min(object.pieces.length, lowest + object.segmentPieces);
  let first = object.pieceAt(at);
  let after = first + 1;
  while (first > lowest && isThere(first - 1)) first--;
  while (after < highest && isThere(after)) after++;
  const start = first * pieceSize;
  const end = Math.min(object.length, after * pieceSize);
  return { file, start, end, offset: start - lowest * pieceSize };
}

/** Whether it does not matter what else a client says. */
function isForAnybody({ record }: StoredObject): boolean {
  return record.headers.every(
    ([name, value]) =>
      name !== 'vary' || value.split(',').every((v) => /^(?:accept-encoding)?$/i.test(v.trim())),
  );
}
