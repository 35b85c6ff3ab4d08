import type { Clock } from '../clock/index.ts';
import type { EndedSpan } from './span.ts';

/** Spans that end within this go together, ms. */
const gatherMs = 1_000;
const maxBatch = 512;
/** More wait for no collector: what comes then is dropped. */
const maxWaiting = 4_096;
/** A program that ends waits for it, too. */
const answerMs = 2_000;

export interface SpanSenderOptions {
  clock: Clock;
  /** Brings spans to the collector. Rejects when it did not take them. */
  send(spans: readonly EndedSpan[], signal: AbortSignal): Promise<void>;
  /** So many spans are lost, by this. */
  dropped(count: number, because: unknown): void;
}

/** Brings spans to a collector, some at a time. What it does not take is dropped, and told. */
export class SpanSender {
  readonly #options: SpanSenderOptions;
  #waiting: EndedSpan[] = [];
  #lost = 0;
  #cancelTimer: (() => void) | undefined;
  #work: Promise<void> | undefined;

  constructor(options: SpanSenderOptions) {
    this.#options = options;
  }

  add(span: EndedSpan): void {
    if (this.#waiting.length >= maxWaiting) {
      this.#lost++;
      return;
    }
    this.#waiting.push(span);
    if (this.#work) return;
    this.#cancelTimer ??= this.#options.clock.setTimer(gatherMs, () => void this.flush());
  }

  /** Sends what there is. Never rejects; ends when the collector has answered, or been given up. */
  flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#work ??= this.#sendAll().finally(() => {
      this.#work = undefined;
    });
    return this.#work;
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0, maxBatch));
    if (this.#lost === 0) return;
    this.#options.dropped(this.#lost, new Error('too many at once'));
    this.#lost = 0;
  }

  async #send(batch: EndedSpan[]): Promise<void> {
    const { clock, send, dropped } = this.#options;
    const limit = new AbortController();
    const cancel = clock.setTimer(answerMs, () => limit.abort(new Error('no answer in time')));
    try {
      await send(batch, limit.signal);
    } catch (error) {
      dropped(batch.length, error);
    } finally {
      cancel();
    }
  }
}
