import type { Span } from '@sluice/protocol';
import type { RunSink } from '../source.ts';
import type { WireAnswer } from './wire/answer.ts';

/** An answer whose request is a span: until the caller is done with it. */
export class TracedAnswer implements WireAnswer {
  readonly #answer: WireAnswer;
  readonly #span: Span;
  #bytes = 0;

  constructor(answer: WireAnswer, span: Span) {
    this.#answer = answer;
    this.#span = span;
    span.set('http.response.status_code', answer.status);
  }

  get status(): number {
    return this.#answer.status;
  }

  get fields(): ReadonlyMap<string, string> {
    return this.#answer.fields;
  }

  get bodyLeft(): number | undefined {
    return this.#answer.bodyLeft;
  }

  async deliver(sink: RunSink, limit: number, signal: AbortSignal): Promise<number> {
    const bytes = await this.#answer.deliver(sink, limit, signal);
    this.#bytes += bytes;
    return bytes;
  }

  release(): void {
    this.#answer.release();
    this.#span.set('http.response.body.size', this.#bytes);
    this.#span.end(this.status >= 400 ? `status ${this.status}` : undefined);
  }
}
