import type { Scheduler } from '@sluice/engine';
import type { HaveLog, Told } from './have-log.ts';
import type { LinkEnd, Node } from './link.ts';

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
  /** How many links have the latency. */
  readonly #counts = new Map<number, number>();
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

  /** Those that are so far away hear that there is something new. */
  tell(latencyMs: number): void {
    const { length } = this.#nodes;
    for (let k = 0; k < length; k++) {
      if (this.#latencies[k] === latencyMs) this.#nodes[k]!.onNews();
    }
  }

  /** Tells the scheduler. @returns whether there may be something to decide */
  hear(scheduler: Scheduler, now: number): boolean {
    const event = this.#event;
    let isNews = false;
    for (let k = 0; k < this.#told.length; k++) {
      const until = this.#told[k]!.count;
      let heard = this.#heard[k]!;
      if (heard >= until) continue;
      const log = this.#logs[k]!;
      event.source = this.#sources[k]!;
      while (heard < until) {
        event.piece = log.piece(heard++);
        if (scheduler.handle(event, now)) isNews = true;
      }
      this.#heard[k] = heard;
    }
    return isNews;
  }

  get #rows(): unknown[][] {
    return [this.#nodes, this.#logs, this.#sources, this.#latencies, this.#told, this.#heard];
  }

  #count(latencyMs: number, by: 1 | -1): void {
    const n = (this.#counts.get(latencyMs) ?? 0) + by;
    if (n > 0) this.#counts.set(latencyMs, n);
    else this.#counts.delete(latencyMs);
  }
}
