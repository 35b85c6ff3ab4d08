import type { IncomingMessage, ServerResponse } from 'node:http';
import { toSluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { Counters } from '../stats.ts';
import { replyError, statusOf } from './error-reply.ts';

/** The answers under way: counts them, ends those that fail, and tells when none is left. */
export class Answers {
  readonly #counters: Counters;
  readonly #logger: Logger | undefined;
  #idle: (() => void) | undefined;

  constructor(counters: Counters, logger: Logger | undefined) {
    this.#counters = counters;
    this.#logger = logger;
  }

  /** Runs one answer; never throws. */
  async run(
    message: IncomingMessage,
    response: ServerResponse,
    answer: () => Promise<void>,
  ): Promise<void> {
    this.#counters.Requests++;
    this.#counters.ActiveAnswers++;
    try {
      await answer();
    } catch (error) {
      this.#log(message, error);
      replyError(response, error);
    } finally {
      this.#counters.ActiveAnswers--;
      if (this.#counters.ActiveAnswers === 0) this.#idle?.();
    }
  }

  /** Resolves when no answer is under way any more. */
  async idle(): Promise<void> {
    if (this.#counters.ActiveAnswers === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  #log({ method, url, socket }: IncomingMessage, cause: unknown): void {
    const error = toSluiceError(cause);
    if (error.code === 'Cancelled') return;
    const facts = {
      client: socket.remoteAddress,
      method,
      url: url?.slice(0, 500),
      code: error.code,
    };
    if (statusOf(error) === 500) this.#logger?.error({ ...facts, err: cause }, error.message);
    else this.#logger?.warn(facts, error.message);
  }
}
