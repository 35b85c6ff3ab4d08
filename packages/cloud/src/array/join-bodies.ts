import type { IncomingHttpHeaders } from 'node:http';
import type { JoinRequest } from '@sluice/protocol';
import { JoinRequestSchema } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import { joinPath } from './join-path.ts';

/** Of a body. Larger ones have what nobody reads. */
const maxBody = 4_096;

/** Bytes of the body of a join as devices send it; 0: it is something else, or none. */
export function plainLength(headers: IncomingHttpHeaders, length: number): number {
  // Spans are made by Fastify's hooks.
  if (headers.traceparent !== undefined) return 0;
  const { 'content-type': type } = headers;
  if (type !== 'application/json' && type !== 'text/json') return 0;
  return length <= maxBody ? length : 0;
}

/** What the route's parser refuses, and what may spell it: not for here. */
const isUnusual = (text: string) =>
  text.includes('\\') || text.includes('__proto__') || text.includes('constructor');

/** Reads what the route would take, and nothing else. @returns undefined: the route may say why not */
export type ReadJoin = (text: string) => JoinRequest | undefined;

/** Checks bodies by the check of the route's schema. @param app ready */
export function bodyReader(app: FastifyInstance): ReadJoin {
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
