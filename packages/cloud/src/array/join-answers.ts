import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JoinRequest, SluiceError } from '@sluice/protocol';
import type { FastifyError } from 'fastify';
import type { Logger } from 'pino';
import type { Drain } from '../health/drain.ts';
import type { Asking } from '../http/caller-address.ts';
import type { Entrance } from '../http/entrance.ts';
import { failureOf } from '../http/error-handling.ts';
import type { DeviceAdmission } from '../identity/device-admission.ts';
import type { DeviceCaller } from '../identity/session-tokens.ts';
import type { RequestCounts } from '../metrics/request-counts.ts';
import { joinPath } from './join-path.ts';
import type { Joins } from './joins.ts';

export interface AnswerParts {
  entrance: Entrance;
  /** Undefined: devices need no session. */
  admission: DeviceAdmission | undefined;
  drain: Drain;
  counts: RequestCounts;
  logger: Logger | undefined;
}

/** What is sent. */
export interface WholeAnswer {
  status: number;
  /** Names and values in turn. */
  headers: readonly string[];
  text: string;
  /** Latin-1: it is ASCII, and need not be looked through. */
  coding: 'latin1' | 'utf8';
  /** Nothing more is answered on this connection. */
  closes: boolean;
}

/** Sends an answer. Must not throw. */
export type SendAnswer = (answer: WholeAnswer) => void;

const type = 'text/json; charset=utf-8';

/** Lets a join in, has it done and answers it: what Fastify's hooks, the route and the error handler do for others. */
export class JoinAnswers {
  readonly #joins: Joins;
  readonly #parts: AnswerParts;

  constructor(joins: Joins, parts: AnswerParts) {
    this.#joins = joins;
    this.#parts = parts;
  }

  /** Whether others have to answer: at that level requests are in the log, by Fastify's hooks. */
  get isForRoute(): boolean {
    const { drain, logger } = this.#parts;
    return drain.on || logger?.isLevelEnabled('debug') === true;
  }

  /**
   * By its head: who has to wait, or may not come in, need not be read.
   * @param token its session: `DeviceAdmission` is ready for it
   * @returns undefined: it was refused, and is answered. Never throws
   */
  enter(asking: Asking, send: SendAnswer, token: string | undefined): EnteredJoin | undefined {
    const { entrance, admission } = this.#parts;
    const reply = new Reply(this.#parts, send, entrance.requestId(asking));
    try {
      const callerIp = entrance.callerIp(asking);
      entrance.admit(callerIp);
      const device = admission?.admit(token);
      return new EnteredJoin(this.#joins, reply, { callerIp, device });
    } catch (error) {
      reply.refuse(error);
      return undefined;
    }
  }
}

interface Caller {
  callerIp: string;
  device: DeviceCaller | undefined;
}

/** A join that was let in, by its head. */
export class EnteredJoin {
  readonly #joins: Joins;
  readonly #reply: Reply;
  readonly by: Caller;

  constructor(joins: Joins, reply: Reply, by: Caller) {
    this.#joins = joins;
    this.#reply = reply;
    this.by = by;
  }

  /** @param request it has passed its schema. Never throws. */
  answer(request: JoinRequest): void {
    const reply = this.#reply;
    const { callerIp, device } = this.by;
    try {
      const joined = this.#joins.join(request, callerIp, device);
      if (typeof joined === 'string') reply.send(joined);
      else joined.then((text) => reply.send(text)).catch((error) => reply.refuse(error));
    } catch (error) {
      reply.refuse(error);
    }
  }

  /** Somebody else answers it, who need not let it in again. */
  passOn(raw: IncomingMessage, { entrance, admission }: AnswerParts): void {
    entrance.passOn(raw);
    if (this.by.device) admission?.passOn(raw, this.by.device);
  }
}

/** By Node's own means. */
export function sendBy(response: ServerResponse): SendAnswer {
  return ({ status, headers, text, coding, closes }) => {
    const more = closes ? ['connection', 'close'] : [];
    response.writeHead(status, [...headers, ...more]).end(text, coding);
  };
}

/** The answer to one join. */
class Reply {
  readonly #parts: AnswerParts;
  readonly #send: SendAnswer;
  readonly #requestId: string;
  readonly #startedAt = performance.now();

  constructor(parts: AnswerParts, send: SendAnswer, requestId: string) {
    this.#parts = parts;
    this.#send = send;
    this.#requestId = requestId;
  }

  /** @param text ASCII */
  send(text: string): void {
    this.#end(200, text, 'latin1', text.length);
  }

  refuse(error: unknown): void {
    const failure = failureOf(error as FastifyError | SluiceError);
    if (failure.isOurs) this.#log(error);
    const text = JSON.stringify(failure.body);
    const more = Object.entries(failure.headers).flat();
    this.#end(failure.status, text, 'utf8', Buffer.byteLength(text), more);
  }

  #end(
    status: number,
    text: string,
    coding: 'latin1' | 'utf8',
    length: number,
    more: readonly string[] = [],
  ): void {
    const { drain, counts } = this.#parts;
    const headers = ['content-type', type, 'cache-control', 'no-store'];
    headers.push('x-request-id', this.#requestId, 'content-length', String(length), ...more);
    this.#send({ status, headers, text, coding, closes: drain.on });
    const ms = performance.now() - this.#startedAt;
    counts.add({ method: 'POST', route: joinPath, status, ms });
  }

  #log(err: unknown): void {
    const logger = this.#parts.logger?.child({ requestId: this.#requestId });
    logger?.error({ err, route: joinPath }, 'request failed');
  }
}
