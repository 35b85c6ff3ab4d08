import type { Scheduler } from '@sluice/engine';
import type { HaveLog, Told } from './have-log.ts';
import type { LinkEnd, Node } from './link.ts';

/** Used anew by whoever hears. */
const gathered = { sources: [] as number[], pieces: [] as number[] };

/**
 * What the neighbours of a device have got and it has not heard of: read when it acts, many at once. What every piece
 * that anybody gets is about lies in rows of its own, in the order of the links.
 */
export class News {
  readonly #nodes: Node[] = [];
  readonly #logs: HaveLog[] = [];
  readonly #sources: number[] = [];
  readonly #latencies: number[] = [];
  readonly #told: Told[] = [];
  /** How many pieces of each the device has heard of. */
  readonly #heard: number[] = [];
  /** One for all: the scheduler keeps none. */
  readonly #event = { type: 'peerHas' as const, source: 0, piece: 0 };

  /** The link is the last now. */
  add({ other, route, sourceId }: LinkEnd): void {
    this.#nodes.push(other.node);
    this.#logs.push(other.node.haves);
    this.#sources.push(sourceId);
    this.#latencies.push(route.latencyMs);
    this.#told.push(other.node.haves.toldAfter(other.route.latencyMs));
    this.#heard.push(other.node.haves.count);
  }

  remove(at: number): void {
    const { length } = this.#nodes;
    for (const row of this.#rows) if (at < length) row.splice(at, 1);
  }

  clear(): void {
    for (const row of this.#rows) row.length = 0;
  }

  /** Those that are so far away hear that there is something new: the device has so many pieces. */
  readonly onTold = (told: Told, count: number): void => {
    told.count = Math.max(told.count, count);
    const { length } = this.#nodes;
    for (let k = 0; k < length; k++) {
      if (this.#latencies[k] === told.latencyMs) this.#nodes[k]!.onNews();
    }
  };

  /**
   * Tells the scheduler. What is told lies scattered over all of them: it is gathered first, as it can be fetched
   * side by side then.
   * @returns whether there may be something to decide
   */
  hear(scheduler: Scheduler, now: number): boolean {
    let count = 0;
    for (let k = 0; k < this.#told.length; k++) {
      const until = this.#told[k]!.count;
      let heard = this.#heard[k]!;
      if (heard >= until) continue;
      const log = this.#logs[k]!;
      const source = this.#sources[k]!;
      while (heard < until) {
        gathered.sources[count] = source;
        gathered.pieces[count++] = log.piece(heard++);
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
    return [this.#nodes, this.#logs, this.#sources, this.#latencies, this.#told, this.#heard];
  }
}
