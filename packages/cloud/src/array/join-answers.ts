import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JoinRequest, SluiceError } from '@sluice/protocol';
import type { FastifyError } from 'fastify';
import type { Logger } from 'pino';
import type { Drain } from '../health/drain.ts';
import type { Entrance } from '../http/entrance.ts';
import { failureOf } from '../http/error-handling.ts';
import { bearerOf, type DeviceAdmission } from '../identity/device-admission.ts';
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

  /** @param request it has passed its schema. Never rejects. */
  async to(request: JoinRequest, raw: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedAt = performance.now();
    const { entrance, counts } = this.#parts;
    const requestId = entrance.requestId(raw);
    const head = ['content-type', type, 'cache-control', 'no-store', 'x-request-id', requestId];
    let status = 200;
    let text: string;
    try {
      text = JSON.stringify(await this.#joined(request, raw));
    } catch (error) {
      const failure = failureOf(error as FastifyError | SluiceError);
      if (failure.isOurs) this.#log(error, requestId);
      status = failure.status;
      text = JSON.stringify(failure.body);
      head.push(...Object.entries(failure.headers).flat());
    }
    head.push('content-length', String(Buffer.byteLength(text)));
    if (this.#parts.drain.on) head.push('connection', 'close');
    response.writeHead(status, head).end(text);
    const ms = performance.now() - startedAt;
    counts.add({ method: 'POST', route: joinPath, status, ms });
  }

  async #joined(request: JoinRequest, raw: IncomingMessage) {
    const { entrance } = this.#parts;
    const callerIp = entrance.callerIp(raw);
    entrance.admit(callerIp);
    return this.#joins.join(request, callerIp, await this.#deviceOf(raw));
  }

  #deviceOf(raw: IncomingMessage): DeviceCaller | Promise<DeviceCaller> | undefined {
    const { admission } = this.#parts;
    if (!admission) return undefined;
    const token = bearerOf(raw.headers.authorization);
    const reading = admission.ready();
    return reading ? reading.then(() => admission.admit(token)) : admission.admit(token);
  }

  #log(err: unknown, requestId: string): void {
    this.#parts.logger?.child({ requestId }).error({ err, route: joinPath }, 'request failed');
  }
}
