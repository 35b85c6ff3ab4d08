import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JoinRequest, SluiceError } from '@sluice/protocol';
import type { FastifyError } from 'fastify';
import type { Logger } from 'pino';
import type { Drain } from '../health/drain.ts';
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

const type = 'text/json; charset=utf-8';

/** Lets a join in, has it done and answers it: what Fastify's hooks, the route and the error handler do for others. */
export class JoinAnswers {
  readonly #joins: Joins;
  readonly #parts: AnswerParts;

  constructor(joins: Joins, parts: AnswerParts) {
    this.#joins = joins;
    this.#parts = parts;
  }

  /**
   * Before its body is read: who has to wait, or may not come in, costs no more than its head.
   * @param token its session: `DeviceAdmission` is ready for it
   * @returns undefined: it was refused, and is answered. Never throws
   */
  enter(
    raw: IncomingMessage,
    response: ServerResponse,
    token: string | undefined,
  ): EnteredJoin | undefined {
    const { entrance, admission } = this.#parts;
    const reply = new Reply(this.#parts, response, entrance.requestId(raw));
    try {
      const callerIp = entrance.callerIp(raw);
      entrance.admit(callerIp);
      const device = admission?.admit(token);
      return new EnteredJoin(this.#joins, this.#parts, { raw, reply, callerIp, device });
    } catch (error) {
      reply.refuse(error);
      return undefined;
    }
  }
}

/** A join that was let in, by its head. */
export class EnteredJoin {
  readonly #joins: Joins;
  readonly #parts: AnswerParts;
  readonly #by: Caller;

  constructor(joins: Joins, parts: AnswerParts, by: Caller) {
    this.#joins = joins;
    this.#parts = parts;
    this.#by = by;
  }

  /** @param request it has passed its schema. Never throws. */
  answer(request: JoinRequest): void {
    const { reply, callerIp, device } = this.#by;
    try {
      const joined = this.#joins.join(request, callerIp, device);
      if (typeof joined === 'string') reply.send(joined);
      else joined.then((text) => reply.send(text)).catch((error) => reply.refuse(error));
    } catch (error) {
      reply.refuse(error);
    }
  }

  /** Somebody else answers it, who need not let it in again. */
  passOn(): void {
    const { raw, device } = this.#by;
    this.#parts.entrance.passOn(raw);
    if (device) this.#parts.admission?.passOn(raw, device);
  }
}

interface Caller {
  raw: IncomingMessage;
  reply: Reply;
  callerIp: string;
  device: DeviceCaller | undefined;
}

/** The answer to one join. */
class Reply {
  readonly #parts: AnswerParts;
  readonly #response: ServerResponse;
  readonly #requestId: string;
  readonly #startedAt = performance.now();

  constructor(parts: AnswerParts, response: ServerResponse, requestId: string) {
    this.#parts = parts;
    this.#response = response;
    this.#requestId = requestId;
  }

  /** @param text ASCII: as Latin-1 it need not be looked through. */
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
    const head = ['content-type', type, 'cache-control', 'no-store'];
    head.push('x-request-id', this.#requestId, 'content-length', String(length), ...more);
    if (drain.on) head.push('connection', 'close');
    this.#response.writeHead(status, head).end(text, coding);
    const ms = performance.now() - this.#startedAt;
    counts.add({ method: 'POST', route: joinPath, status, ms });
  }

  #log(err: unknown): void {
    const logger = this.#parts.logger?.child({ requestId: this.#requestId });
    logger?.error({ err, route: joinPath }, 'request failed');
  }
}
