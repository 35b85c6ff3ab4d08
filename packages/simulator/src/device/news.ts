import type { Scheduler } from '@sluice/engine';
import type { LinkEnd } from './link.ts';

/** What the neighbours of a device have got and it has not heard of: read when it acts, many at once. */
export class News {
  readonly #from: LinkEnd[] = [];
  /** One for all: the scheduler keeps none. */
  readonly #event = { type: 'peerHas' as const, source: 0, piece: 0 };

  add(link: LinkEnd): void {
    link.isNewsworthy = true;
    this.#from.push(link);
  }

  clear(): void {
    for (const link of this.#from) link.isNewsworthy = false;
    this.#from.length = 0;
  }

  /** Tells the scheduler. @returns whether there may be something to decide */
  hear(scheduler: Scheduler, now: number): boolean {
    const event = this.#event;
    let isNews = false;
    for (const link of this.#from) {
      link.isNewsworthy = false;
      if (!link.open) continue;
      const { news } = link;
      event.source = link.sourceId;
      const until = now - link.route.latencyMs;
      while (news.isTold(link.heard, until)) {
        event.piece = news.piece(link.heard++);
        if (scheduler.handle(event, now)) isNews = true;
      }
    }
    this.#from.length = 0;
    return isNews;
  }
}
