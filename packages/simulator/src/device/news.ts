import type { Scheduler } from '@sluice/engine';
import type { Attention } from '../clock/attention.ts';
import type { HaveLog, HaveLogs } from './have-log.ts';
import type { LinkEnd } from './link.ts';
import type { World } from './world.ts';

/** Used anew by whoever hears. */
const gathered = { sources: [] as number[], pieces: [] as number[] };

/**
 * What the neighbours of a device have got and it has not heard of: read when it acts, many at once. What every piece
 * that anybody gets is about lies in rows of its own, in the order of the links.
 */
export class News {
  /** Whom to tell. */
  readonly #nodes: number[] = [];
  /** Where their pieces begin in the logs. */
  readonly #first: number[] = [];
  readonly #sources: number[] = [];
  readonly #latencies: number[] = [];
  /** Where the logs have how much they told. */
  readonly #told: number[] = [];
  /** How many pieces of each the device has heard of. */
  readonly #heard: number[] = [];
  /** How many links have the latency. */
  readonly #counts = new Map<number, number>();
  readonly #logs: HaveLogs;
  readonly #own: HaveLog;
  readonly #attention: Attention;
  /** One for all: the scheduler keeps none. */
  readonly #event = { type: 'peerHas' as const, source: 0, piece: 0 };

  /** @param own what the device itself gets, and tells others */
  constructor({ logs, attention }: World, own: HaveLog) {
    this.#logs = logs;
    this.#attention = attention;
    this.#own = own;
  }

  /** The link is the last now. */
  add({ other, route, sourceId }: LinkEnd): void {
    this.#nodes.push(other.node.index);
    this.#first.push(other.node.haves.first);
    this.#sources.push(sourceId);
    this.#latencies.push(route.latencyMs);
    this.#told.push(other.node.haves.toldAfter(other.route.latencyMs));
    this.#heard.push(other.node.haves.count);
    this.#count(route.latencyMs, 1);
  }

  remove(at: number): void {
    if (at >= this.#nodes.length) return;
    this.#count(this.#latencies[at]!, -1);
    for (const row of this.#rows) row.splice(at, 1);
  }

  clear(): void {
    for (const row of this.#rows) row.length = 0;
    this.#counts.clear();
  }

  /** After which times somebody hears of what this device gets, ms; each once. */
  get latencies(): Iterable<number> {
    return this.#counts.keys();
  }

  /** Those that are so far away hear that there is something new: the device has so many pieces. */
  readonly onTold = (latencyMs: number, count: number): void => {
    this.#own.tell(latencyMs, count);
    const { length } = this.#nodes;
    for (let k = 0; k < length; k++) {
      if (this.#latencies[k] === latencyMs) this.#attention.tell(this.#nodes[k]!);
    }
  };

  /**
   * Tells the scheduler. What is told lies scattered over all of them: it is gathered first, as it can be fetched
   * side by side then.
   * @returns whether there may be something to decide
   */
  hear(scheduler: Scheduler, now: number): boolean {
    const { pieces, told } = this.#logs;
    let count = 0;
    for (let k = 0; k < this.#told.length; k++) {
      const until = told[this.#told[k]!]!;
      let heard = this.#heard[k]!;
      if (heard >= until) continue;
      const first = this.#first[k]!;
      const source = this.#sources[k]!;
      while (heard < until) {
        gathered.sources[count] = source;
        gathered.pieces[count++] = pieces[first + heard++]!;
      }
      this.#heard[k] = heard;
    }
    return this.#tell(scheduler, count, now);
  }

  #tell(scheduler: Scheduler, count: number, now: number): boolean {
    const event = this.#event;
    let isNews = false;
    for (let k = 0; k < count; k++) {
      event.source = gathered.sources[k]!;
      event.piece = gathered.pieces[k]!;
      if (scheduler.handle(event, now)) isNews = true;
    }
    return isNews;
  }

  get #rows(): unknown[][] {
    return [this.#nodes, this.#first, this.#sources, this.#latencies, this.#told, this.#heard];
  }

  #count(latencyMs: number, by: 1 | -1): void {
    const n = (this.#counts.get(latencyMs) ?? 0) + by;
    if (n > 0) this.#counts.set(latencyMs, n);
    else this.#counts.delete(latencyMs);
  }
}
