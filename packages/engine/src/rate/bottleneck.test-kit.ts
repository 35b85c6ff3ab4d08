import { DelayControl } from './delay-control.ts';
import { TokenBucket } from './token-bucket.ts';

const mss = 1_448;

/** A flow over the link. */
interface Flow {
  /** Bytes it would send now. */
  wants(now: number): number;
  sent(bytes: number): void;
  /** Bytes came to the far side, ms of virtual time. */
  arrived(bytes: number, now: number): void;
  lost(bytes: number, now: number): void;
  tick(now: number): void;
}

/** A link with one queue of limited length before it, in steps of a millisecond. */
export class Bottleneck {
  readonly capacity: number;
  readonly bufferMs: number;
  readonly baseMs: number;
  readonly flows: Flow[] = [];
  now = 0;
  #queue: { flow: Flow; bytes: number }[] = [];
  #queued = 0;
  #credit = 0;
  #underWay: { flow: Flow; bytes: number; at: number }[] = [];
  readonly queueLog: number[] = [];

  /** @param capacity bytes/s */
  constructor(capacity: number, options: { bufferMs: number; baseMs: number }) {
    this.capacity = capacity;
    this.bufferMs = options.bufferMs;
    this.baseMs = options.baseMs;
  }

  get queueMs(): number {
    return (1000 * this.#queued) / this.capacity;
  }

  run(seconds: number): void {
    const end = this.now + 1000 * seconds;
    while (this.now < end) this.#step();
  }

  #step(): void {
    this.now++;
    for (const flow of this.flows) {
      flow.tick(this.now);
      this.#enqueue(flow);
    }
    this.#credit = Math.min(this.#credit + this.capacity / 1000, this.capacity / 100);
    while (this.#credit > 0 && this.#queue.length > 0) this.#dequeue();
    while (this.#underWay[0] && this.#underWay[0].at <= this.now) {
      const { flow, bytes } = this.#underWay.shift()!;
      flow.arrived(bytes, this.now);
    }
    this.queueLog.push(this.queueMs);
  }

  #enqueue(flow: Flow): void {
    let wants = flow.wants(this.now);
    while (wants >= 1) {
      const bytes = Math.min(mss, wants);
      wants -= bytes;
      flow.sent(bytes);
      if (this.#queued + bytes > (this.bufferMs * this.capacity) / 1000) {
        flow.lost(bytes, this.now);
        return;
      }
      this.#queue.push({ flow, bytes });
      this.#queued += bytes;
    }
  }

  #dequeue(): void {
    const first = this.#queue.shift()!;
    this.#credit -= first.bytes;
    this.#queued -= first.bytes;
    this.#underWay.push({ ...first, at: this.now + this.baseMs });
  }
}

/** TCP's sender: slow start, then one segment more per round trip, half of it after a loss. */
class Sender {
  protected inFlight = 0;
  #window = 10 * mss;
  #slowStart = true;
  #lastLoss = Number.NEGATIVE_INFINITY;

  protected get window(): number {
    return this.#window;
  }

  sent(bytes: number): void {
    this.inFlight += bytes;
  }

  protected acked(bytes: number): void {
    this.inFlight -= bytes;
    this.#window += this.#slowStart ? bytes : (mss * bytes) / this.#window;
  }

  lost(bytes: number, now: number): void {
    this.inFlight -= bytes;
    this.#slowStart = false;
    if (now - this.#lastLoss < 200) return;
    this.#lastLoss = now;
    this.#window = Math.max(2 * mss, 0.7 * this.#window);
  }
}

/** Somebody else's download, which takes what it gets. */
export class Greedy extends Sender implements Flow {
  on = true;
  received = 0;

  wants(): number {
    return this.on ? Math.max(0, this.window - this.inFlight) : 0;
  }

  arrived(bytes: number): void {
    this.acked(bytes);
    this.received += bytes;
  }

  tick(): void {}
}

/** Somebody who sends at a steady rate, such as a call. */
export class Steady implements Flow {
  readonly #rate: number;
  #due = 0;
  #at = 0;
  constructor(rate: number) {
    this.#rate = rate;
  }
  wants(now: number): number {
    this.#due += (this.#rate * (now - this.#at)) / 1000;
    this.#at = now;
    return this.#due >= mss ? mss : 0;
  }
  sent(bytes: number): void {
    this.#due -= bytes;
  }
  arrived(): void {}
  lost(): void {}
  tick(): void {}
}

/** A background download of ours: reads as the control allows; what it does not read fills its buffer. */
export class Background extends Sender implements Flow {
  readonly control = new DelayControl();
  received = 0;
  readonly #link: Bottleneck;
  readonly #receiveBuffer: number;
  readonly #noise: () => number;
  readonly #bucket: TokenBucket;
  #unread = 0;
  #nextProbe: number;
  #results: { at: number; ms: number }[] = [];

  /** @param part of the link that it is one of many for: systems size its buffer by what it gets. */
  constructor(link: Bottleneck, noise = () => 0, part = 1) {
    super();
    this.#link = link;
    this.#noise = noise;
    // As systems size it: what comes in some of the longest round trips.
    this.#receiveBuffer = Math.max(3e5, 0.6 * link.capacity * part);
    this.#bucket = new TokenBucket(Number.POSITIVE_INFINITY, 65_536, link.now);
    this.#nextProbe = link.now;
  }

  wants(): number {
    const room = Math.min(this.window, this.#receiveBuffer - this.#unread);
    return Math.max(0, room - this.inFlight);
  }

  arrived(bytes: number): void {
    this.acked(bytes);
    this.#unread += bytes;
  }

  tick(now: number): void {
    const n = Math.min(this.#unread, this.#bucket.available(now));
    this.#bucket.take(n, now);
    this.#unread -= n;
    this.received += n;
    this.control.received(n);
    this.#probe(now);
  }

  #probe(now: number): void {
    if (now >= this.#nextProbe) {
      const ms = this.#link.baseMs + this.#link.queueMs + this.#noise();
      this.#results.push({ at: now + ms, ms });
      this.#nextProbe = Number.POSITIVE_INFINITY;
    }
    const [first] = this.#results;
    if (!first || first.at > now) return;
    this.#results.shift();
    this.control.sample(first.ms, now);
    const { rate } = this.control;
    this.#bucket.setRate(rate, Math.max(4096, rate / 20), now);
    this.#nextProbe = now + this.control.nextSampleMs;
  }
}
