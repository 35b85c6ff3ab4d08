import { BaseDelay } from './base-delay.ts';
import { RecentRate } from './recent-rate.ts';

/** Delay that background work may add to the path, ms (LEDBAT++; RFC 6817 allows 100). */
export const delayTargetMs = 60;
/** The least that is taken even from a crowded path, bytes/s: a transfer must not die. */
const minRate = 16 * 1024;
/** … and this part of what is known to pass, so that the way back is not long. */
const leastPart = 0.02;
/** How hard the rate is drawn back while the queue is longer than half the target, 1/s per target. */
const decrease = 0.2;
/** A rate of 1 MiB/s grows by this part in a second; others by the square root less or more. */
const increase = 0.06;
const increaseAt = 1 << 20;
const maxIncrease = 0.1;
/** For each second of queue above the target so many times the rate less is taken: at once, not for good. */
const damping = 1.5;
/** Less of what is known to pass makes no queue by itself. */
const ownPart = 0.5;
/** A queue below this part of the target is none: the path has room. */
const idlePart = 0.25;
/** After so long with room: growth by this factor per second, to what is known to pass … */
const rampAfterMs = 750;
const rampPerSecond = 3;
/**
 * … and beyond it: with care at first, then for each second of room by so much faster. What passed in a crowd says
 * little of a free path.
 */
const probeAfterMs = 5_000;
const probePerSecond = 1.1;
const probeGrowth = 0.1;
const maxProbePerSecond = 2;
/** Part of the rate that is used while the queue drains, to see the path without it. */
const drainPart = 0.25;
const drainMs = 300;
/** A queue that stood for so long may hide the base delay, ms. */
const drainEveryMs = 30_000;
/** When the next sample is wanted, ms: at first and in a drain; while limited; else. */
const sampleEvery = { soon: 50, suspicious: 60, limited: 250, free: 500 };
/** So many samples in a row must tell of a queue before it is one: a busy machine answers late, too. */
const proof = 8;
const soonSamples = 10;

/**
 * How much background work may take from a path: after LEDBAT (RFC 6817) and LEDBAT++, at the receiver,
 * as a rate. No limit until a queue is seen that is longer than the target; from then on the rate holds
 * the queue it makes below it, and gives way when it comes from others. Several such flows share evenly,
 * since growth is less than proportional to the rate and drawing back is proportional.
 *
 * A rate is an integrator: the queue goes on growing for as long as it is above the link's. So beside
 * the slow part of LEDBAT there is a fast one (`damping`) that is no more than the queue's length.
 */
export class DelayControl {
  readonly #base = new BaseDelay();
  readonly #recent = new RecentRate();
  #samples = 0;
  /** Samples in a row that told of a queue. */
  #high = 0;
  #at = 0;
  #lastQueue = 0;
  #queue = 0;
  /** LEDBAT's rate; undefined while there is no limit. */
  #slow: number | undefined;
  #allowed = Number.POSITIVE_INFINITY;
  /** What is known to pass, and what came lately while there was a queue, bytes/s. */
  #passed = 0;
  #average = 0;
  /** For how long others have held the queue above the target, s. */
  #others = 0;
  /** Since when there has been no queue; and when there was none last, ms. */
  #roomSince = 0;
  #lastRoom = 0;
  #drainUntil = 0;

  /** Bytes/s that may be taken now; Infinity = no limit. */
  get rate(): number {
    return this.#allowed;
  }

  /** Delay above the path's own, ms. */
  get queueMs(): number {
    return this.#queue;
  }

  /** The path's own delay, ms. */
  get baseMs(): number {
    return this.#base.ms;
  }

  /** When the next sample is wanted, ms from now. */
  get nextSampleMs(): number {
    if (!this.isKnown || this.#at < this.#drainUntil) return sampleEvery.soon;
    if (this.#slow !== undefined) return sampleEvery.limited;
    return this.suspected !== undefined ? sampleEvery.suspicious : sampleEvery.free;
  }

  /** What is known to pass, bytes/s, when the last sample told of a queue that is not proven yet. */
  get suspected(): number | undefined {
    return this.#slow === undefined && this.#high > 0 ? this.#passed : undefined;
  }

  /** Whether enough samples were taken to see a queue. */
  get isKnown(): boolean {
    return this.#samples >= soonSamples;
  }

  received(bytes: number): void {
    this.#recent.received(bytes);
  }

  /**
   * @param ms round trip as measured.
   * @param slackMs part of it that may be this device's own doing.
   */
  sample(ms: number, now: number, slackMs = 0): void {
    const got = this.#recent.mark(now);
    const dt = this.#samples++ === 0 ? 0 : Math.min(1, (now - this.#at) / 1000);
    this.#at = now;
    this.#base.add(ms, now);
    const queue = Math.max(0, ms - slackMs - this.#base.ms);
    // One outlier is no queue.
    const before = this.#queue;
    this.#queue = Math.min(queue, this.#lastQueue);
    this.#lastQueue = queue;
    if (this.#queue < idlePart * delayTargetMs) this.#lastRoom = now;
    else this.#roomSince = now;
    if (this.#slow === undefined) this.#engage(got, now);
    else this.#adapt(this.#slow, got, before, dt, now);
  }

  #engage(got: number, now: number): void {
    // What came before the queue was full and packets were lost: the last moments say too little.
    this.#passed = Math.max(this.#passed, got);
    this.#high = this.#lastQueue > delayTargetMs ? this.#high + 1 : 0;
    if (this.#high < proof || this.#passed === 0) return;
    this.#slow = Math.max(minRate, this.#passed);
    this.#average = this.#passed;
    this.#drain(now);
  }

  #adapt(slow: number, got: number, before: number, dt: number, now: number): void {
    if (now < this.#drainUntil) return;
    const part = this.#queue / delayTargetMs;
    this.#learn(slow, got, before, dt);
    this.#judge(before, dt);
    // Who is held up by something else than this limit has nothing to gain from a larger one.
    const isUsed = got > 0.85 * this.#allowed;
    let next = slow;
    if (isUsed) next += part < idlePart ? this.#growth(slow, dt, now) : additive(slow) * dt;
    else if (part > 0.5 && now > this.#drainUntil + drainMs) next = Math.min(next, 1.25 * got);
    const excess = Math.max(0, part - 0.5) * decrease * (1 + 2 * this.#others ** 2) * dt;
    next *= Math.max(0.5, 1 - excess);
    this.#slow = Math.max(minRate, leastPart * this.#passed, next);
    const fast = 1 - (damping * (this.#queue - delayTargetMs)) / 1000;
    this.#allowed = Math.max(minRate, this.#slow * Math.max(0.1, fast));
    if (now - this.#lastRoom > drainEveryMs) this.#drain(now);
  }

  /** What passes, from what came while there was a queue. */
  #learn(slow: number, got: number, before: number, dt: number): void {
    if (this.#queue > idlePart * delayTargetMs) {
      this.#average += (got - this.#average) * Math.min(1, dt / 2);
      this.#passed = Math.max(this.#passed * (1 - 0.005 * dt), this.#average);
    }
    if (this.#queue <= delayTargetMs || before > delayTargetMs || dt === 0) return;
    // Who had drawn back did not make it, and learns nothing.
    if (slow < ownPart * this.#passed) return;
    // A queue that forms tells that it was too much: by what the queue took in.
    const sustained = got * (1 - (this.#queue - before) / (1000 * dt));
    this.#passed = Math.max(slow / 2, Math.min(this.#passed, sustained));
  }

  /** A queue that does not get shorter although less is taken than passed before is the work of others. */
  #judge(before: number, dt: number): void {
    const expected = 1000 * dt * (1 - this.#allowed / this.#passed);
    const isLong = Math.min(before, this.#queue) > delayTargetMs;
    const isOthers = isLong && before - this.#queue < 0.1 * expected;
    if (isOthers) this.#others += dt;
    else this.#others = Math.max(0, this.#others - (isLong ? dt : 1));
  }

  /** There is room: back to what is known to pass, and with care beyond it. */
  #growth(slow: number, dt: number, now: number): number {
    const roomMs = now - this.#roomSince;
    if (roomMs > rampAfterMs && slow < 0.9 * this.#passed) {
      return Math.min(slow * (rampPerSecond ** dt - 1), 0.95 * this.#passed - slow);
    }
    if (roomMs > probeAfterMs) {
      const perSecond = probePerSecond + (probeGrowth * (roomMs - probeAfterMs)) / 1000;
      return slow * (Math.min(perSecond, maxProbePerSecond) ** dt - 1);
    }
    return additive(slow) * dt;
  }

  #drain(now: number): void {
    this.#drainUntil = now + this.#lastQueue + drainMs;
    this.#lastRoom = now;
    this.#allowed = Math.max(minRate, drainPart * (this.#slow ?? 0));
  }
}

/** Bytes/s per second. */
function additive(rate: number): number {
  return Math.min(maxIncrease * rate, increase * Math.sqrt(rate * increaseAt));
}
