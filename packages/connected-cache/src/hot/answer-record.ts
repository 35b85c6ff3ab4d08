import { type AccessLogOptions, lineOf } from '../watch/access-log.ts';
import { type EndedAnswer, Traffic } from '../watch/traffic.ts';
import type { HotAnswered } from './hot-host.ts';
import { headerIn } from './plain-request.ts';

/** Use of leases by answers that have ended: `served` of the store, to be. */
export type Use = [slot: number, word: number, offset: number, bytes: number];

/** Offsets in an object that are told as one use. */
const useStep = 64 * 1024 * 1024;
/** More of them than an object can have. */
const mostSteps = 2 ** 24;

/** What is counted of an answer. */
export function endedAnswer({ source, began, headMs, bytes }: HotAnswered): EndedAnswer {
  return { source, began, headMs, state: 'HIT', hitBytes: bytes, missBytes: 0 };
}

/** Its line in the log. @param now by the node's clock, ms; `wallMs` is the same since 1970 */
export function answerLine(
  log: AccessLogOptions,
  answer: HotAnswered,
  now: number,
  wallMs: number,
): string {
  const { began, status, client, target, head } = answer;
  const headers = {
    referer: headerIn(head, 'referer'),
    'user-agent': headerIn(head, 'user-agent'),
    range: headerIn(head, 'range'),
  };
  const message = { method: 'GET', url: target, httpVersion: '1.1', headers };
  const note = endedAnswer(answer);
  return lineOf(log, { message, client, status, note, wallMs, ms: now - began });
}

/** What a thread has to tell the keeper of ended answers; not each at once, that would cost more than they did. */
export class AnswerRecord {
  readonly #log: AccessLogOptions | undefined;
  readonly #uses = new Map<number, Use>();
  #traffic = new Traffic();
  #lines: string[] = [];

  /** @param log undefined = no lines are wanted */
  constructor(log: AccessLogOptions | undefined) {
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#uses.size === 0 && this.#traffic.whole.count === 0;
  }

  used(slot: number, word: number, offset: number, bytes: number): void {
    const key = slot * mostSteps + Math.floor(offset / useStep);
    const before = this.#uses.get(key);
    if (before?.[1] === word) before[3] += bytes;
    else this.#uses.set(key, [slot, word, offset, bytes]);
  }

  /** @param now by the node's clock, ms; `wallMs` is the same since 1970 */
  answered(answer: HotAnswered, now: number, wallMs: number): void {
    this.#traffic.add(endedAnswer(answer), answer.status, now);
    if (this.#log) this.#lines.push(answerLine(this.#log, answer, now, wallMs));
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
