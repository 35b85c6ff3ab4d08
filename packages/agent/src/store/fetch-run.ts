import { hash } from 'node:crypto';
import { Socket } from 'node:net';
import { type Clock, pieceLength, runRange } from '@sluice/protocol';
import { systemClock } from '../clock/system-clock.ts';
import type { HttpSource } from '../source/http/http-source.ts';
import { openPortable } from '../source/http/open-portable.ts';
import type { RunSink } from '../source/index.ts';
import { giveMemory, takeMemory } from './idle-memory.ts';
import { encodeRecord, recordPosition } from './journal.ts';
import { performTask } from './perform-task.ts';
import type { RunReply, RunTask } from './run-task.ts';

/** Contents whose connections are kept for the next run. */
const maxSources = 4;
/** What has come is told of after so many ms, or bytes: each time wakes the loop, which every 10 ms took a tenth of a core. */
const tellMs = 50;
const tellBytes = 16 << 20;
/** More often at first, while it is judged how fast the source is. */
const earlyMs = 250;
const earlyTellMs = 10;
const digestLength = 32;

interface Known {
  source: HttpSource;
  since: number;
}

/** The sources of this thread, the one used last at the end. */
const sources = new Map<string, Known>();

/** Loads what a first run needs while nobody waits: Node's own modules come with their first use, for 0.1 s. */
export function loadForRuns(): void {
  new Socket().destroy();
  hash('sha256', '');
}

/**
 * Fetches a run by a connection of this thread: its bytes are hashed and written where they were read, and
 * no other core has to see them.
 * @param tell gets all that happens, to the last reply with `ended`. It never throws.
 */
export async function fetchRun(
  task: RunTask,
  tell: (reply: RunReply) => void,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<void> {
  const { source, since } = sourceOf(task, clock);
  const sink = new WritingSink(task, tell, clock, since + earlyMs);
  try {
    await source.fetch(runRange(task.geometry, task), sink, signal);
  } catch {
    // Whoever asked has the same source, fetches what is missing from it, and hears then what is wrong.
  }
  sink.end();
}

function sourceOf({ source }: RunTask, clock: Clock): Known {
  const key = JSON.stringify(source);
  const known = sources.get(key) ?? { source: openPortable(source, clock), since: clock.now() };
  sources.delete(key);
  sources.set(key, known);
  const [oldest] = sources;
  if (oldest && sources.size > maxSources) {
    sources.delete(oldest[0]);
    void oldest[1].source.close();
  }
  return known;
}

/** Writes each piece as soon as it is whole. */
class WritingSink implements RunSink {
  readonly #task: RunTask;
  readonly #tell: (reply: RunReply) => void;
  readonly #clock: Clock;
  readonly #memory: SharedArrayBuffer;
  readonly #earlyUntil: number;
  #piece: number;
  #offset = 0;
  /** Not told of yet. */
  #bytes = 0;
  #pieces: RunReply['pieces'] = [];
  #toldAt: number;

  constructor(task: RunTask, tell: (reply: RunReply) => void, clock: Clock, earlyUntil: number) {
    this.#task = task;
    this.#tell = tell;
    this.#clock = clock;
    this.#earlyUntil = earlyUntil;
    this.#memory = takeMemory(task.geometry.pieceSize);
    this.#piece = task.first;
    this.#toldAt = clock.now();
  }

  space(): Uint8Array {
    const length = pieceLength(this.#task.geometry, this.#piece) - this.#offset;
    return new Uint8Array(this.#memory, this.#offset, length);
  }

  filled(n: number): void {
    this.#offset += n;
    this.#bytes += n;
    if (this.#offset === pieceLength(this.#task.geometry, this.#piece)) this.#write();
    const now = this.#clock.now();
    const afterMs = now < this.#earlyUntil ? earlyTellMs : tellMs;
    if (this.#bytes >= tellBytes || now - this.#toldAt >= afterMs) this.#reply();
  }

  /** There always is room. */
  ready(): Promise<void> {
    return Promise.resolve();
  }

  end(): void {
    giveMemory(this.#memory);
    this.#reply(true);
  }

  #write(): void {
    const { fd, journalFd, geometry, digests, first, identity, origin } = this.#task;
    const piece = this.#piece++;
    const at = (piece - first) * digestLength;
    const result = performTask({
      ...{ memory: this.#memory, offset: 0, length: this.#offset },
      ...{ fd, position: piece * geometry.pieceSize },
      digest: digests.subarray(at, at + digestLength),
      ...{ journalFd, journalPosition: recordPosition(piece) },
      record: encodeRecord(identity, piece, origin),
    });
    this.#offset = 0;
    this.#pieces.push(result);
  }

  #reply(ended = false): void {
    this.#tell({ run: this.#task.id, bytes: this.#bytes, pieces: this.#pieces, ended });
    this.#bytes = 0;
    this.#pieces = [];
    this.#toldAt = this.#clock.now();
  }
}
