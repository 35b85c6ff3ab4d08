import type { ServerResponse } from 'node:http';
import type { Clock } from '@sluice/protocol';
import type { HeaderList } from '../upstream/headers.ts';

/** How an answer came about; "-" when the node said it itself. */
export type CacheState = 'HIT' | 'PARTIAL' | 'MISS' | '-';

/** What is known of one answer, written down as it happens and read when it has ended. */
export class AnswerNote {
  /** By the node's clock, ms. */
  readonly began: number;
  /** From there until the head was written, ms; undefined while it is not. */
  headMs: number | undefined;
  /** `host[:port]` of the source, when it is one of the node's. */
  source: string | undefined;
  state: CacheState = '-';
  hitBytes = 0;
  missBytes = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.began = clock.now();
  }

  /** The head leaves. */
  head(headers: HeaderList): void {
    this.headMs = this.#clock.now() - this.began;
    const state = headers.findLast(([name]) => name === 'x-cache')?.[1];
    if (state === 'HIT' || state === 'PARTIAL' || state === 'MISS') this.state = state;
  }

  sent(bytes: number, hit: boolean): void {
    if (hit) this.hitBytes += bytes;
    else this.missBytes += bytes;
  }
}

const notes = new WeakMap<ServerResponse, AnswerNote>();

export function beginNote(response: ServerResponse, clock: Clock): AnswerNote {
  const note = new AnswerNote(clock);
  notes.set(response, note);
  return note;
}

/** The note of an answer under way; undefined for answers that nobody watches. */
export function noteOf(response: ServerResponse): AnswerNote | undefined {
  return notes.get(response);
}
