import { isAscii } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JoinRequest } from '@sluice/protocol';
import { JoinRequestSchema } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import { tryBody } from '../http/try-body.ts';
import { bearerOf } from '../identity/device-admission.ts';
import { type AnswerParts, JoinAnswers } from './join-answers.ts';
import { joinPath } from './join-path.ts';
import type { Joins } from './joins.ts';

/** Of a body. Larger ones have what nobody reads. */
const maxBody = 4_096;

/**
 * Joins are most of what a cloud is asked. Those that are plain are read and answered here, at half the cost; all
 * others, whatever may be wrong with them, go to the route, which gets them as if this were not here. What a join is
 * checked by and comes to is the same at both: parser, schema, entrance, `Joins`, counts.
 * @param app where the route is
 */
export function joinFace(app: FastifyInstance, joins: Joins, parts: AnswerParts): void {
  const { drain, logger, admission } = parts;
  const answers = new JoinAnswers(joins, parts);
  let bodyOf = (_text: string): JoinRequest | undefined => undefined;
  app.addHook('onReady', (done) => {
    bodyOf = bodyReader(app);
    done();
  });
  const { server } = app;
  // Fastify's own, which `routing` is too.
  server.removeAllListeners('request');
  server.on('request', (raw: IncomingMessage, response: ServerResponse) => {
    const length = plainLength(raw);
    const token = bearerOf(raw.headers.authorization);
    // At that level requests are in the log: by Fastify's hooks. And the gate of devices waits for what is not ready.
    const isForRoute = length === 0 || drain.on || logger?.isLevelEnabled('debug');
    if (isForRoute || admission?.ready(token)) {
      app.routing(raw, response);
      return;
    }
    const entered = answers.enter(raw, response, token);
    if (!entered) return;
    const take = (body: Buffer) => {
      // Others may be no UTF-8.
      const request = isAscii(body) ? bodyOf(body.toString('latin1')) : undefined;
      if (request) entered.answer(request);
      return request !== undefined;
    };
    const otherwise = () => {
      entered.passOn();
      app.routing(raw, response);
    };
    tryBody(raw, length, { take, otherwise });
  });
}

/** What the route's parser refuses, and what may spell it: not for here. */
const isUnusual = (text: string) =>
  text.includes('\\') || text.includes('__proto__') || text.includes('constructor');

/** What the check of the route's schema lets through of bodies; undefined: the route may say why not. */
function bodyReader(app: FastifyInstance): (text: string) => JoinRequest | undefined {
  const where = { method: 'POST', url: joinPath, httpPart: 'body' };
  const conforms = app.validatorCompiler!({ schema: JoinRequestSchema, ...where });
  return (text) => {
    if (isUnusual(text)) return undefined;
    try {
      const json: unknown = JSON.parse(text);
      return conforms(json) === true ? (json as JoinRequest) : undefined;
    } catch {
      // It is no JSON, as the route will say.
      return undefined;
    }
  };
}

/** Bytes of the body of a join as devices send it; 0: it is something else, or none. */
function plainLength({ method, url, headers }: IncomingMessage): number {
  if (method !== 'POST' || url !== joinPath) return 0;
  const { 'content-type': type, 'content-length': length, traceparent } = headers;
  // Spans are made by Fastify's hooks.
  if (traceparent !== undefined) return 0;
  if (type !== 'application/json' && type !== 'text/json') return 0;
  // Node's parser has refused what are no digits.
  const bytes = Number(length);
  return bytes <= maxBody ? bytes : 0;
}
