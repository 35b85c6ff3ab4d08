import { isAscii } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { tryBody } from '../http/try-body.ts';
import { bearerOf } from '../identity/device-admission.ts';
import { type AnswerParts, type JoinAnswers, sendBy } from './join-answers.ts';
import { plainLength, type ReadJoin } from './join-bodies.ts';
import { joinPath } from './join-path.ts';

/**
 * Plain joins that do not come in one piece are read and answered here, at half the cost; all others, whatever may be
 * wrong with them, go to the route, which gets them as if this were not here. What a join is
 * checked by and comes to is the same at both: parser, schema, entrance, `Joins`, counts.
 * @param app where the route is
 */
export function joinFace(
  app: FastifyInstance,
  answers: JoinAnswers,
  read: ReadJoin,
  parts: AnswerParts,
): void {
  const { server } = app;
  const { admission } = parts;
  // Fastify's own, which `routing` is too.
  server.removeAllListeners('request');
  server.on('request', (raw: IncomingMessage, response: ServerResponse) => {
    const length = lengthOf(raw);
    const token = bearerOf(raw.headers.authorization);
    // The gate of devices waits for what is not ready.
    if (length === 0 || answers.isForRoute || admission?.ready(token)) {
      app.routing(raw, response);
      return;
    }
    const entered = answers.enter(raw, sendBy(response), token);
    if (!entered) return;
    const take = (body: Buffer) => {
      // Others may be no UTF-8.
      const request = isAscii(body) ? read(body.toString('latin1')) : undefined;
      if (request) entered.answer(request);
      return request !== undefined;
    };
    const otherwise = () => {
      entered.passOn(raw, parts);
      app.routing(raw, response);
    };
    tryBody(raw, length, { take, otherwise });
  });
}

function lengthOf({ method, url, headers }: IncomingMessage): number {
  if (method !== 'POST' || url !== joinPath) return 0;
  // Node's parser has refused what are no digits.
  return plainLength(headers, Number(headers['content-length']));
}
