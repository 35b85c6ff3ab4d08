import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JoinReply, JoinRequest, SluiceError } from '@sluice/protocol';
import type { FastifyError } from 'fastify';
import type { Logger } from 'pino';
import type { Drain } from '../health/drain.ts';
import type { Entrance } from '../http/entrance.ts';
import { failureOf } from '../http/error-handling.ts';
import { bearerOf, type DeviceAdmission } from '../identity/device-admission.ts';
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

  /** @param request it has passed its schema. Never throws. */
  to(request: JoinRequest, raw: IncomingMessage, response: ServerResponse): void {
    const startedAt = performance.now();
    const requestId = this.#parts.entrance.requestId(raw);
    const answer = (status: number, body: object, more: string[] = []) => {
      const text = JSON.stringify(body);
      const head = ['content-type', type, 'cache-control', 'no-store', 'x-request-id', requestId];
      head.push('content-length', String(Buffer.byteLength(text)), ...more);
      if (this.#parts.drain.on) head.push('connection', 'close');
      response.writeHead(status, head).end(text);
      const ms = performance.now() - startedAt;
      this.#parts.counts.add({ method: 'POST', route: joinPath, status, ms });
    };
    const refuse = (error: unknown) => {
      const failure = failureOf(error as FastifyError | SluiceError);
      if (failure.isOurs) this.#log(error, requestId);
      answer(failure.status, failure.body, Object.entries(failure.headers).flat());
    };
    try {
      const joined = this.#joined(request, raw);
      if (joined instanceof Promise) joined.then((reply) => answer(200, reply)).catch(refuse);
      else answer(200, joined);
    } catch (error) {
      refuse(error);
    }
  }

  #joined(request: JoinRequest, raw: IncomingMessage): JoinReply | Promise<JoinReply> {
    const { entrance, admission } = this.#parts;
    const callerIp = entrance.callerIp(raw);
    entrance.admit(callerIp);
    if (!admission) return this.#joins.join(request, callerIp, undefined);
    const token = bearerOf(raw.headers.authorization);
    const enter = () => this.#joins.join(request, callerIp, admission.admit(token));
    const reading = admission.ready();
    return reading ? reading.then(enter) : enter();
  }

  #log(err: unknown, requestId: string): void {
    this.#parts.logger?.child({ requestId }).error({ err, route: joinPath }, 'request failed');
  }
}
