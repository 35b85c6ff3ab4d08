import { seededRandom } from '@sluice/protocol';

export const MiB = 1024 * 1024;

export interface TraceObject {
  /** Bytes. */
  length: number;
  kind: 'updates' | 'small' | 'once' | 'ranged' | 'scan';
}

/** One request, or a part of a long one: bytes `start` up to `end` of an object. */
export interface TraceEvent {
  /** Seconds since the start of the day. */
  at: number;
  object: number;
  start: number;
  end: number;
}

export interface Trace {
  objects: TraceObject[];
  /** In order of time. */
  events: TraceEvent[];
}

const day = 24 * 3600;
/** A long request is cut into parts, since others come in between. */
const part = 16 * MiB;
const bytesPerSecond = 12 * MiB;

/**
 * A day at a site, the same for each seed: updates whose popularity is a Zipf law that drifts, a
 * release at ten o'clock that everybody wants, small definition files, files that one device wants
 * once, large files of which only ranges are asked for, and a mirror run that reads much once.
 */
export function makeTrace(seed: number): Trace {
  const day = new DayOfTrace(seed);
  day.updates(14_000, 500, 0.9);
  day.release(24, 4_500, 10);
  day.small(60_000, 20_000, 0.8);
  day.once(2_500);
  day.ranged(60, 12_000);
  day.scan(15, 120 * 1024 * MiB);
  return day.done();
}

class DayOfTrace {
  readonly #random: () => number;
  readonly #objects: TraceObject[] = [];
  readonly #events: TraceEvent[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  updates(requests: number, ranks: number, exponent: number): void {
    const draw = this.#zipf(ranks, exponent);
    const size = () => this.#size(150 * MiB, 1.1, 4096 * MiB);
    const byRank = Array.from({ length: ranks }, () => this.#object('updates', size()));
    const times = this.#times(requests);
    let hour = 0;
    for (const at of times) {
      // The law stays, those it is about do not: one in fifty is another one each hour.
      for (; hour < Math.floor(at / 3600); hour++) {
        for (let i = 0; i < ranks / 50; i++) {
          byRank[Math.floor(this.#random() * ranks)] = this.#object('updates', size());
        }
      }
      this.#whole(at, byRank[draw()]!);
    }
  }

  release(count: number, requests: number, hour: number): void {
    const objects = Array.from({ length: count }, () =>
      this.#object('updates', this.#size(400 * MiB, 0.6, 2048 * MiB)),
    );
    const draw = this.#zipf(count, 0.6);
    for (let i = 0; i < requests; i++) {
      const at = hour * 3600 - 5400 * Math.log(1 - this.#random());
      if (at < day) this.#whole(at, objects[draw()]!);
    }
  }

  small(requests: number, ranks: number, exponent: number): void {
    const draw = this.#zipf(ranks, exponent);
    const size = () => this.#size(256 * 1024, 1.5, 8 * MiB);
    const byRank = Array.from({ length: ranks }, () => this.#object('small', size()));
    for (const at of this.#times(requests)) this.#whole(at, byRank[draw()]!);
  }

  once(requests: number): void {
    for (const at of this.#times(requests)) {
      this.#whole(at, this.#object('once', this.#size(100 * MiB, 1, 2048 * MiB)));
    }
  }

  /** Deltas inside large files: some places are wanted by all, others by few. */
  ranged(count: number, requests: number): void {
    const objects = Array.from({ length: count }, () =>
      this.#object('ranged', 4096 * MiB + Math.floor(this.#random() * 12288) * MiB),
    );
    const draw = this.#zipf(count, 0.8);
    const places = this.#zipf(64, 1);
    for (const at of this.#times(requests)) {
      const object = objects[draw()]!;
      const { length } = this.#objects[object]!;
      const pieces = Math.floor(length / MiB);
      const start = ((places() * 7919 * 13) % pieces) * MiB;
      const bytes = this.#size(20 * MiB, 0.8, 200 * MiB);
      this.#request(at, object, start, Math.min(length, start + bytes));
    }
  }

  scan(hour: number, bytes: number): void {
    let at = hour * 3600;
    for (let left = bytes; left > 0; ) {
      const length = Math.min(left, this.#size(500 * MiB, 0.8, 4096 * MiB));
      this.#whole(at, this.#object('scan', length));
      at += length / (4 * bytesPerSecond);
      left -= length;
    }
  }

  done(): Trace {
    this.#events.sort((a, b) => a.at - b.at);
    return { objects: this.#objects, events: this.#events };
  }

  #object(kind: TraceObject['kind'], length: number): number {
    return this.#objects.push({ kind, length }) - 1;
  }

  #whole(at: number, object: number): void {
    this.#request(at, object, 0, this.#objects[object]!.length);
  }

  #request(at: number, object: number, start: number, end: number): void {
    for (let from = start; from < end; from += part) {
      const to = Math.min(end, from + part);
      this.#events.push({ at: at + (from - start) / bytesPerSecond, object, start: from, end: to });
    }
  }

  /** Log-normal around `median`. */
  #size(median: number, spread: number, most: number): number {
    const normal =
      Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
    return Math.max(4096, Math.min(most, Math.floor(median * Math.exp(spread * normal))));
  }

  /** Ranks 0 up to `count`, drawn by a Zipf law. */
  #zipf(count: number, exponent: number): () => number {
    const sums = new Float64Array(count);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum += (i + 1) ** -exponent;
      sums[i] = sum;
    }
    return () => {
      const x = this.#random() * sum;
      let low = 0;
      for (let high = count - 1; low < high; ) {
        const middle = (low + high) >> 1;
        if (sums[middle]! < x) low = middle + 1;
        else high = middle;
      }
      return low;
    };
  }

  /** Moments of the day, ascending; twice as many in working hours. */
  #times(count: number): number[] {
    const times: number[] = [];
    while (times.length < count) {
      const at = this.#random() * day;
      const hour = at / 3600;
      if ((hour >= 8 && hour < 18) || this.#random() < 0.5) times.push(at);
    }
    return times.sort((a, b) => a - b);
  }
}
