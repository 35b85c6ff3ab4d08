import { sluiceError } from '@sluice/protocol';
import type { Dispatcher } from 'undici';
import type { AnswerHeaders } from './headers.ts';

/** Takes the bytes of an answer as they come; called from the socket's own turn of the loop. */
export interface BodySink {
  data(chunk: Uint8Array): void;
  end(): void;
  error(error: Error): void;
}

/** The body of an answer. Nothing of it is read before `attach`. */
export interface Body {
  /** Once only. */
  attach(sink: BodySink): void;
  pause(): void;
  resume(): void;
  /** Ends the exchange; the sink hears nothing more. */
  abort(): void;
}

export interface Answer {
  status: number;
  headers: AnswerHeaders;
  body: Body;
}

export interface Question {
  origin: string;
  path: string;
  method: 'GET' | 'HEAD';
  headers: Record<string, string>;
}

/**
 * Sends one request, resolves with the head of the answer.
 * @param signal ends it at any time, the body too.
 * @throws what undici's connection or the injected connector throws; Cancelled
 */
export function exchange(
  dispatcher: Dispatcher,
  question: Question,
  signal?: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(sluiceError('Cancelled'));
    const handler = new Exchange(resolve, reject);
    signal?.addEventListener('abort', () => handler.abort(), { once: true });
    dispatcher.dispatch(question, handler);
  });
}

/** Reads a body to its end; undefined when it is longer than `limit` bytes or breaks off. */
export function readBody(body: Body, limit: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    body.attach({
      data(chunk) {
        chunks.push(chunk);
        length += chunk.length;
        if (length <= limit) return;
        body.abort();
        resolve(undefined);
      },
      end: () => resolve(Buffer.concat(chunks)),
      error: () => resolve(undefined),
    });
  });
}

/** What is left of a longer body is not worth reading. */
const maxDiscarded = 65536;

/** Reads a body to its end if it is short, so that its connection can serve again. */
export function discard(body: Body): void {
  let left = maxDiscarded;
  body.attach({
    data(chunk) {
      left -= chunk.length;
      if (left < 0) body.abort();
    },
    end() {},
    // Nobody waits for these bytes, and a broken connection is not used again.
    error() {},
  });
}

class Exchange implements Dispatcher.DispatchHandler, Body {
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: Error) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #sink: BodySink | undefined;
  #ended = false;
  #error: Error | undefined;
  #aborted = false;

  constructor(resolve: (answer: Answer) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted) controller.abort(sluiceError('Cancelled'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: AnswerHeaders,
  ): void {
    if (status < 200) return;
    // The body may follow in this very turn, before anybody could attach a sink.
    controller.pause();
    this.#resolve({ status, headers, body: this });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (!this.#aborted) this.#sink?.data(chunk);
  }

  onResponseEnd(): void {
    this.#ended = true;
    if (!this.#aborted) this.#sink?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#error = error;
    this.#reject(error);
    if (!this.#aborted) this.#sink?.error(error);
  }

  attach(sink: BodySink): void {
    this.#sink = sink;
    if (this.#error) sink.error(this.#error);
    else if (this.#ended) sink.end();
    else this.#controller?.resume();
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    if (!this.#ended && !this.#error) this.#controller?.resume();
  }

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    if (this.#ended || this.#error) return;
    this.#controller?.abort(sluiceError('Cancelled'));
    this.#reject(sluiceError('Cancelled'));
  }
}
