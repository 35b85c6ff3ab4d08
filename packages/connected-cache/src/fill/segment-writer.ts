import type { Segment } from '../store/segment.ts';
import type { DataFile } from '../store/store-files.ts';

interface Waiting {
  segment: Segment;
  /** Offset in the object. */
  offset: number;
  bytes: Uint8Array;
  release: () => void;
}

export interface WriterEvents {
  /** All bytes up to offset `end` are on disk. */
  written(end: number): void;
  /** Nothing waits any more. */
  drained(): void;
  /** A write failed; what waited is dropped. */
  failed(error: unknown): void;
}

/** Buffers of one write; the system takes no more than 1024. */
const maxBatch = 256;

/**
 * Writes the bytes of one fill to the data files in the order in which they came, one write at a
 * time: what comes meanwhile goes with the next one.
 */
export class SegmentWriter {
  readonly #events: WriterEvents;
  #queue: Waiting[] = [];
  #writing = false;
  #queued = 0;

  constructor(events: WriterEvents) {
    this.#events = events;
  }

  /** Bytes that wait to be written. */
  get queued(): number {
    return this.#queued;
  }

  get idle(): boolean {
    return !this.#writing;
  }

  /** `release` is called when the bytes are used no more. */
  push(segment: Segment, offset: number, bytes: Uint8Array, release: () => void = () => {}): void {
    this.#queue.push({ segment, offset, bytes, release });
    this.#queued += bytes.length;
    if (!this.#writing) this.#work();
  }

  async #work(): Promise<void> {
    this.#writing = true;
    try {
      while (this.#queue.length > 0) {
        const batch = this.#takeBatch();
        const [{ segment, offset }] = batch as [Waiting];
        const bytes = batch.map((waiting) => waiting.bytes);
        const length = bytes.reduce((sum, b) => sum + b.length, 0);
        try {
          await writeAll(await segment.file(), bytes, offset - segment.start);
        } finally {
          for (const { release } of batch) release();
        }
        this.#queued -= length;
        this.#events.written(offset + length);
      }
      this.#writing = false;
      this.#events.drained();
    } catch (error) {
      for (const { release } of this.#queue) release();
      this.#queue = [];
      this.#queued = 0;
      this.#writing = false;
      this.#events.failed(error);
    }
  }

  /** The first of the queue and what directly follows it in the same file. */
  #takeBatch(): Waiting[] {
    const [first] = this.#queue as [Waiting];
    let n = 1;
    let end = first.offset + first.bytes.length;
    while (n < this.#queue.length && n < maxBatch) {
      const next = this.#queue[n]!;
      if (next.segment !== first.segment || next.offset !== end) break;
      end += next.bytes.length;
      n++;
    }
    return this.#queue.splice(0, n);
  }
}

async function writeAll(file: DataFile, buffers: Uint8Array[], position: number): Promise<void> {
  let left = buffers;
  let at = position;
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left, at);
    at += bytesWritten;
    // Rare: the disk took a part only.
    let n = 0;
    while (n < left.length && bytesWritten >= left[n]!.length) bytesWritten -= left[n++]!.length;
    left = left.slice(n);
    if (bytesWritten > 0) left[0] = left[0]!.subarray(bytesWritten);
  }
}
