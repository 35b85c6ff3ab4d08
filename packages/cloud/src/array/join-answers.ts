import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JoinRequest, SluiceError } from '@sluice/protocol';
import type { FastifyError } from 'fastify';
import type { Logger } from 'pino';
import type { Drain } from '../health/drain.ts';
import type { Entrance } from '../http/entrance.ts';
import { failureOf } from '../http/error-handling.ts';
import type { DeviceAdmission } from '../identity/device-admission.ts';
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

/** A join that was let in, by its head. */
export interface EnteredJoin {
  /** @param request it has passed its schema. Never throws. */
  answer(request: JoinRequest): void;
  /** Somebody else answers it, who need not let it in again. */
  passOn(): void;
}

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
    const { reply, refuse } = this.#answering(raw, response);
    try {
      const callerIp = entrance.callerIp(raw);
      entrance.admit(callerIp);
      const device = admission?.admit(token);
      return {
        answer: (request) => {
          try {
            const joined = this.#joins.join(request, callerIp, device);
            if (joined instanceof Promise) joined.then(reply).catch(refuse);
            else reply(joined);
          } catch (error) {
            refuse(error);
          }
        },
        passOn() {
          entrance.passOn(raw);
          if (device) admission?.passOn(raw, device);
        },
      };
    } catch (error) {
      refuse(error);
      return undefined;
    }
  }

  #answering(raw: IncomingMessage, response: ServerResponse) {
    const startedAt = performance.now();
    const requestId = this.#parts.entrance.requestId(raw);
    const answer = (
      status: number,
      text: string,
      coding: 'latin1' | 'utf8',
      more: string[] = [],
    ) => {
      const head = ['content-type', type, 'cache-control', 'no-store', 'x-request-id', requestId];
      const length = coding === 'latin1' ? text.length : Buffer.byteLength(text);
      head.push('content-length', String(length), ...more);
      if (this.#parts.drain.on) head.push('connection', 'close');
      response.writeHead(status, head).end(text, coding);
      const ms = performance.now() - startedAt;
      this.#parts.counts.add({ method: 'POST', route: joinPath, status, ms });
    };
    // It is ASCII: as Latin-1 it need not be looked through.
    const reply = (text: string) => answer(200, text, 'latin1');
    const refuse = (error: unknown) => {
      const failure = failureOf(error as FastifyError | SluiceError);
      if (failure.isOurs) this.#log(error, requestId);
      const text = JSON.stringify(failure.body);
      answer(failure.status, text, 'utf8', Object.entries(failure.headers).flat());
    };
    return { reply, refuse };
  }

  #log(err: unknown, requestId: string): void {
    this.#parts.logger?.child({ requestId }).error({ err, route: joinPath }, 'request failed');
  }
}
