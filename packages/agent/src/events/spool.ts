import { join } from 'node:path';
import type { Logger } from 'pino';
import { type FileOps, realFiles, writeAtomically } from '../store/index.ts';
import { closedName, newSegmentName, openName, type SegmentName } from './segment-name.ts';
import { maxSegmentBytes, readSegment, segmentsIn, sizeOf } from './segments.ts';
import { readSpoolState, type SpoolState, writeSpoolState } from './spool-state.ts';

/** Events of one segment at the most: several make a batch. */
const maxSegmentEvents = 100;
/** All of them together, bytes: some 4,000 events. The oldest go first. */
const maxSpoolBytes = 4 << 20;
/** What nobody has taken for so long tells little any more, ms. */
const maxAgeMs = 14 * 86_400_000;

export interface SpoolOptions {
  /** Made when it is first needed. */
  folder: string;
  /** Whether no other process writes here: it may go on with a segment. Others write whole ones only. */
  isOwner: boolean;
  /** Ms since 1970. */
  now: () => number;
  logger: Logger;
  files?: FileOps;
  maxBytes?: number;
}

/** Events of one segment. */
export interface SpooledEvents {
  name: string;
  /** JSON each. */
  lines: string[];
}

/**
 * Events that are not sent, in files of one event a line. A process that is killed loses none that was
 * added; a line that it was writing is left out. Sent twice after a crash they have the same `EventId`.
 */
export class EventSpool {
  readonly #options: Required<SpoolOptions>;
  /** What is being written to. */
  #current: { name: string; bytes: number; events: number } | undefined;
  /** One change after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #isReady = false;
  #made = 0;

  constructor(options: SpoolOptions) {
    this.#options = { files: realFiles, maxBytes: maxSpoolBytes, ...options };
  }

  /** Adds events, JSON of one line each; what there is no room for drives out the oldest. @throws system errors */
  add(lines: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#prepare();
      await this.#makeRoom(lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0));
      for (const part of inSegments(lines)) await this.#write(part);
    });
  }

  /** The oldest segment that is not among those; undefined when there is none. @throws system errors */
  next(after: ReadonlySet<string>): Promise<SpooledEvents | undefined> {
    return this.#inTurn(async () => {
      await this.#prepare();
      await this.#close();
      for (const { name } of await this.#ours()) {
        if (after.has(name)) continue;
        const lines = await readSegment(this.#path(name));
        if (lines.length > 0) return { name, lines };
        await this.#options.files.remove(this.#path(name));
      }
      return undefined;
    });
  }

  /** Forgets segments: they are sent. @param of events: those that the cloud took, and those it never will. */
  sent(names: Iterable<string>, of: { taken: number; refused: number }): Promise<void> {
    return this.#inTurn(async () => {
      for (const name of names) await this.#options.files.remove(this.#path(name));
      const change = { LastSentAt: this.#options.now(), LastError: null };
      await this.#note(change, { sent: of.taken, lost: of.refused });
    });
  }

  /** Forgets everything. */
  clear(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#close();
      for (const { name } of await this.#ours()) {
        await this.#options.files.remove(this.#path(name));
      }
    });
  }

  /** Resolves when all that was asked for is done. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  state(): Promise<SpoolState> {
    return this.#inTurn(() => readSpoolState(this.#options.folder));
  }

  note(change: Partial<SpoolState>): Promise<void> {
    return this.#inTurn(async () => {
      await this.#prepare();
      await this.#note(change);
    });
  }

  /** What an agent that ended was writing is taken as it is, and what is too old goes. */
  async #prepare(): Promise<void> {
    if (this.#isReady) return;
    const { files, folder, isOwner, now } = this.#options;
    await files.makeFolder(folder);
    for (const { name, isOpen } of isOwner ? await segmentsIn(this.#options.folder) : []) {
      if (isOpen) await files.rename(this.#path(name), this.#path(closedName(name)));
    }
    const segments = await this.#ours();
    await this.#drop(segments.filter(({ begun }) => now() - begun > maxAgeMs));
    this.#isReady = true;
  }

  async #write(part: string[]): Promise<void> {
    const { files, isOwner, now, folder } = this.#options;
    const text = `${part.join('\n')}\n`;
    const bytes = Buffer.byteLength(text);
    if (!isOwner)
      return writeAtomically(join(folder, newSegmentName(now(), this.#made++)), text, { files });
    const { bytes: had = 0, events = 0 } = this.#current ?? {};
    const isFull = had + bytes > maxSegmentBytes || events + part.length > maxSegmentEvents;
    if (isFull) await this.#close();
    this.#current ??= { name: newSegmentName(now(), this.#made++), bytes: 0, events: 0 };
    const current = this.#current;
    try {
      await files.append(this.#path(openName(current.name)), text, 0o600);
      current.bytes += bytes;
      current.events += part.length;
    } catch (error) {
      // There may be half a line at its end, which only an end makes harmless.
      await this.#close().catch(() => {});
      throw error;
    }
  }

  /** Nothing is added to the current segment any more. */
  async #close(): Promise<void> {
    const current = this.#current;
    if (!current) return;
    this.#current = undefined;
    const path = this.#path(openName(current.name));
    await this.#options.files.rename(path, this.#path(current.name));
  }

  /** Drops the oldest segments until so many bytes more have room. */
  async #makeRoom(bytes: number): Promise<void> {
    const segments = await this.#ours();
    const sizes = await Promise.all(segments.map(({ name }) => sizeOf(this.#path(name))));
    let total = sizes.reduce((sum, size) => sum + size, bytes);
    const oldest: SegmentName[] = [];
    for (const [i, segment] of segments.entries()) {
      if (total <= this.#options.maxBytes) break;
      total -= sizes[i]!;
      oldest.push(segment);
    }
    await this.#drop(oldest);
  }

  async #drop(segments: readonly SegmentName[]): Promise<void> {
    let lost = 0;
    for (const { name } of segments) {
      if (this.#current && name === openName(this.#current.name)) await this.#close();
      const closed = closedName(name);
      lost += (await readSegment(this.#path(closed))).length;
      await this.#options.files.remove(this.#path(closed));
    }
    if (lost === 0) return;
    this.#options.logger.warn({ events: lost }, 'events were dropped: too old, or too many');
    await this.#note({}, { lost });
  }

  async #note(change: Partial<SpoolState>, { sent = 0, lost = 0 } = {}): Promise<void> {
    const { folder, files } = this.#options;
    const before = await readSpoolState(folder);
    const counts = { Dropped: before.Dropped + lost, Sent: before.Sent + sent };
    await writeSpoolState(folder, { ...before, ...change, ...counts }, files);
  }

  /** Without what another process is writing, which is its own affair. */
  async #ours(): Promise<SegmentName[]> {
    const { isOwner } = this.#options;
    return (await segmentsIn(this.#options.folder)).filter(({ isOpen }) => isOwner || !isOpen);
  }

  #path(name: string): string {
    return join(this.#options.folder, name);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {
      // Who asked for it is told.
    });
    return done;
  }
}

/** Lines in portions that a segment takes. */
function inSegments(lines: readonly string[]): string[][] {
  const parts: string[][] = [];
  let bytes = 0;
  for (const line of lines) {
    const size = Buffer.byteLength(line) + 1;
    const last = parts.at(-1);
    if (last && last.length < maxSegmentEvents && bytes + size <= maxSegmentBytes) {
      last.push(line);
      bytes += size;
    } else {
      parts.push([line]);
      bytes = size;
    }
  }
  return parts;
}
