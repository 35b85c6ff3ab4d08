import { type AccessLogOptions, lineOf } from '../watch/access-log.ts';
import { Traffic } from '../watch/traffic.ts';
import type { HotAnswered } from './hot-host.ts';
import { headerIn } from './plain-request.ts';

/** Use of leases by answers that have ended: `served` of the store, to be. */
export type Use = [slot: number, word: number, offset: number, bytes: number];

/** What a thread has to tell the keeper of ended answers; not each at once, that would cost more than they did. */
export class AnswerRecord {
  readonly #log: AccessLogOptions | undefined;
  readonly #uses = new Map<string, Use>();
  #traffic = new Traffic();
  #lines: string[] = [];

  /** @param log undefined = no lines are wanted */
  constructor(log: AccessLogOptions | undefined) {
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#uses.size === 0 && this.#traffic.whole.count === 0;
  }

  /** @param step of offsets that are one use */
  used(slot: number, word: number, offset: number, bytes: number, step: number): void {
    const key = `${slot} ${word} ${Math.floor(offset / step)}`;
    const before = this.#uses.get(key);
    if (before) before[3] += bytes;
    else this.#uses.set(key, [slot, word, offset, bytes]);
  }

  /** @param now by the node's clock, ms; `wallMs` is the same since 1970 */
  answered(answer: HotAnswered, now: number, wallMs: number): void {
    const { source, bytes, began, headMs, status, client, target, head } = answer;
    const note = { source, began, headMs, state: 'HIT', hitBytes: bytes, missBytes: 0 } as const;
    this.#traffic.add(note, status, now);
    if (!this.#log) return;
    const headers = {
      referer: headerIn(head, 'referer'),
      'user-agent': headerIn(head, 'user-agent'),
      range: headerIn(head, 'range'),
    };
    const message = { method: 'GET', url: target, httpVersion: '1.1', headers };
    this.#lines.push(lineOf(this.#log, { message, client, status, note, wallMs, ms: now - began }));
  }

  /** All since the last time. */
  take(): { uses: Use[]; traffic: Traffic; lines: string[] } {
    const taken = { uses: [...this.#uses.values()], traffic: this.#traffic, lines: this.#lines };
    this.#uses.clear();
    this.#traffic = new Traffic();
    this.#lines = [];
    return taken;
  }
}
