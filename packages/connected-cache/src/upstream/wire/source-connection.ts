import type { OnReadOpts, Socket } from 'node:net';
import {
  isSluiceError,
  ReadAhead,
  type ResponseHead,
  sluiceError,
  takeHead,
} from '@sluice/protocol';
import type { Answer, Question } from '../exchange.ts';
import { headersOf } from '../headers.ts';
import { AnswerBody } from './answer-body.ts';
import { framingOf, keepsAlive } from './body-framing.ts';
import { formatQuestion } from './question-text.ts';

/** How long a source may take for each step, ms. */
export interface Patience {
  connectTimeoutMs: number;
  headersTimeoutMs: number;
  bodyTimeoutMs: number;
}

/** Who keeps the connection while nobody uses it. */
export interface ConnectionOwner {
  /** It can take another question. */
  idle(connection: SourceConnection): void;
  gone(connection: SourceConnection): void;
}

/** Who gets what the socket reads. */
export interface Receiver {
  /** `n` bytes landed in `buffer`. @returns where the next ones go; undefined = stop reading. */
  landed(buffer: Uint8Array, n: number): Uint8Array | undefined;
  /** The connection is over; `error` undefined = the far side closed it in order. */
  ended(error: Error | undefined): void;
}

/** A connection waits so long for another question, ms. */
const idleMs = 15_000;

/**
 * HTTP/1.1 to a source on a bare socket, with or without TLS, that reads bodies straight into the
 * buffers of who wants them: no copy, no event per chunk (design.md, "Speed rules for Node").
 *
 * At the point of danger: Node asks for the *next* buffer right after each read, also after one
 * that ends in a pause. What is armed then is what the first read after the pause fills, whenever
 * that is. So a pause always arms the read-ahead, never a buffer that may be somebody else's by then.
 */
export class SourceConnection {
  readonly ahead = new ReadAhead();
  readonly patience: Patience;
  readonly #owner: ConnectionOwner;
  readonly #host: string;
  readonly #socket: Socket;
  #armed: Uint8Array = this.ahead.whole;
  #next: Uint8Array = this.ahead.whole;
  #receiver: Receiver | undefined;
  #stalled: () => Error | undefined = () => undefined;
  #over = false;
  /** It came to rest while bytes were handed out: reading goes on, whoever reads now. */
  #rested = false;
  #error: Error | undefined;

  /** @param open what `guardedConnect` made; may throw. @param host of the source, for messages */
  constructor(
    open: (onread: OnReadOpts) => Socket,
    host: string,
    owner: ConnectionOwner,
    patience: Patience,
  ) {
    this.#owner = owner;
    this.#host = host;
    this.patience = patience;
    const socket = open({
      buffer: () => {
        this.#armed = this.#next;
        return this.#armed;
      },
      callback: (n) => this.#onRead(n),
    });
    this.#socket = socket;
    socket.on('error', (error) => this.fail(error));
    socket.on('end', () => this.#end(undefined));
    socket.on('close', () => this.#end(undefined));
    socket.on('timeout', () => {
      const error = this.#stalled();
      if (error) this.fail(error);
    });
  }

  /** Asks; resolves with the head of the answer. Only when idle. @throws also what the socket fails with */
  ask(question: Question): Promise<Answer> {
    const { connectTimeoutMs, headersTimeoutMs } = this.patience;
    const awaitHead = () => this.watch(headersTimeoutMs, 'no answer');
    if (this.#socket.connecting) {
      this.watch(connectTimeoutMs, 'no connection');
      // Of TLS also the handshake: it is the far side's answer.
      this.#socket.once('connect', awaitHead);
    } else awaitHead();
    return new Promise((resolve, reject) => {
      const seen = { interim: 0 };
      this.#receiver = {
        landed: (buffer, n) => {
          this.ahead.landed(buffer, n);
          const head = this.#takeHead(seen);
          if (!head) return this.ahead.size > 0 ? this.ahead.tail : this.ahead.whole;
          resolve(this.#answer(head, question.method));
          return undefined;
        },
        ended: (error) => reject(error ?? reset('closed before it answered')),
      };
      // It may have failed before it was first used: a name that means no address we may go to.
      if (this.#over) return reject(this.#error ?? reset('closed'));
      this.#socket.write(formatQuestion(question), 'latin1');
      // An idle connection is being read already.
      this.#socket.resume();
    });
  }

  /** Nothing for so long is a failure, from now on; undefined = nobody waits. */
  watch(ms: number, what: string | undefined): void {
    this.#stalled = () =>
      what === undefined
        ? undefined
        : sluiceError('CacheSourceStalled', { host: this.#host, detail: `${what} in ${ms} ms` });
    this.#socket.setTimeout(ms);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** The answer is done with: the connection waits for the next question, being read to see it close. */
  rest(): void {
    // A byte now belongs to no answer, and a later question must not take it for one.
    this.#receiver = {
      landed: () => {
        this.#end(undefined);
        return undefined;
      },
      ended: () => {},
    };
    this.#stalled = () => reset('idle');
    this.#socket.setTimeout(idleMs);
    this.#rested = true;
    this.#socket.resume();
    this.#owner.idle(this);
  }

  fail(error: Error): void {
    this.#end(error);
  }

  #takeHead(seen: { interim: number }): ResponseHead | undefined {
    try {
      return takeHead(this.ahead, this.#host, seen);
    } catch (error) {
      const detail = isSluiceError(error) ? `${error.params.detail}` : String(error);
      throw sluiceError('CacheSourceInvalid', { host: this.#host, detail }, { cause: error });
    }
  }

  #answer(head: ResponseHead, method: 'GET' | 'HEAD'): Answer {
    const framing = framingOf(head, method);
    if (!framing) {
      const detail = 'a head that does not say where its body ends';
      throw sluiceError('CacheSourceInvalid', { host: this.#host, detail });
    }
    this.watch(0, undefined);
    const body = new AnswerBody(this, framing, keepsAlive(head));
    this.#receiver = body;
    return { status: head.status, headers: headersOf(head.list), body };
  }

  #onRead(n: number): boolean {
    let next: Uint8Array | undefined;
    this.#rested = false;
    try {
      next = this.#receiver?.landed(this.#armed, n);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
    this.#next = next ?? this.ahead.whole;
    return next !== undefined || this.#rested;
  }

  #end(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = error;
    this.#socket.destroy();
    this.#receiver?.ended(error);
    this.#owner.gone(this);
  }
}

function reset(detail: string): Error {
  return Object.assign(new Error(detail), { code: 'ECONNRESET' });
}
