import { type ErrorCode, type ErrorReply, SluiceError, sluiceError } from '@sluice/protocol';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

const statusOf: Partial<Record<ErrorCode, number>> = {
  RequestInvalid: 400,
  PhfInvalid: 400,
  PhfMismatch: 400,
  PhfVersion: 400,
  PhfTooLarge: 413,
  NotAuthorized: 401,
  IngestNotAllowed: 403,
  ContentBlocked: 403,
  ContentHttpOnly: 403,
  HashConflict: 409,
  SessionRequired: 401,
  EnrolmentRefused: 401,
  DeviceRefused: 401,
  ClockSkewed: 401,
  RequestReplayed: 401,
  PeerIdTaken: 403,
  RoleTooLow: 403,
  TenantTooSmall: 403,
  CrossSiteRequest: 403,
  LoginFailed: 401,
  LoginRefused: 403,
  TooManyLogins: 429,
  IdentityProviderFailed: 502,
  ContentUnknown: 404,
  NoSuchResource: 404,
  RequestTooLarge: 413,
  TooManyRequests: 429,
  StoreUnavailable: 503,
};

/** Characters: it may repeat what the caller sent, and clients take no more than 4096. */
const maxMessage = 1_000;

/** What a failed request is answered. */
export interface Failure {
  status: number;
  headers: Record<string, string>;
  body: ErrorReply;
  /** A fault of ours, for the log: the body says nothing of the inside. */
  isOurs: boolean;
}

export function failureOf(thrown: FastifyError | SluiceError): Failure {
  const error = catalogued(thrown);
  const known = thrown instanceof SluiceError ? statusOf[error.code] : thrown.statusCode;
  const status = known ?? 500;
  const headers: Failure['headers'] = {};
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  if (status === 429 || status === 503) {
    const waitMs = Number(error.params.retryAfterMs ?? 1000);
    headers['retry-after'] = String(Math.ceil(waitMs / 1000));
  }
  return { status, headers, body: errorReply(error), isOurs: status >= 500 };
}

/** Answers a failed request: an `ErrorReply`; for faults of ours a 500 that says nothing of the inside. */
export function handleError(
  thrown: FastifyError | SluiceError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { status, headers, body, isOurs } = failureOf(thrown);
  if (isOurs) {
    // By the route, not the URL: the query of a URL may hold secrets.
    request.log.error({ err: thrown, route: request.routeOptions.url }, 'request failed');
  }
  reply.code(status).headers(headers).type('text/json; charset=utf-8').send(body);
}

/** What a request failed with, in the words of the catalogue. */
export function catalogued(thrown: FastifyError | SluiceError): SluiceError {
  return thrown instanceof SluiceError ? thrown : fromFastify(thrown);
}

/** Answers a request for which there is no route. */
export function handleNotFound(request: FastifyRequest, reply: FastifyReply): void {
  handleError(sluiceError('NoSuchResource'), request, reply);
}

/** What Fastify found: a body too large, of a wrong type, that breaks the schema; or a fault of ours. */
function fromFastify(error: FastifyError): SluiceError {
  const status = error.statusCode ?? 500;
  if (status === 413) return sluiceError('RequestTooLarge', {}, { cause: error });
  if (status < 500)
    return sluiceError('RequestInvalid', { detail: error.message }, { cause: error });
  return sluiceError('Internal', { detail: 'see the log of the cloud' }, { cause: error });
}

/** An error as its body tells it. */
export function errorReply(error: SluiceError): ErrorReply {
  const Message = error.message.slice(0, maxMessage).toWellFormed();
  return { Code: error.code, Message, Remedy: error.remedy };
}
