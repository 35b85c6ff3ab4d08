import type { ErrorReply } from '@sluice/protocol';
import { currentToken, signedOut } from '../session/session.ts';

/** An answer of the admin API that is no success, as the error catalogue words it. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly remedy: string;

  constructor(status: number, reply: Partial<ErrorReply>) {
    super(reply.Message ?? `The cloud answered ${status}.`);
    this.status = status;
    this.code = reply.Code ?? '';
    this.remedy = reply.Remedy ?? '';
  }
}

export interface Asked {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  body?: unknown;
  signal?: AbortSignal;
  /** Instead of the one of the session: to try it. */
  token?: string;
}

/** Asks the cloud; the answer is not read yet. @throws ApiError, TypeError (not reached) */
export async function ask(path: string, asked: Asked = {}): Promise<Response> {
  const { method = 'GET', body, signal, token = currentToken() } = asked;
  const response = await fetch(path, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
    credentials: 'same-origin',
    redirect: 'error',
  });
  if (response.ok) return response;
  const reply = await response.json().catch(() => ({}));
  // A wrong password is refused by the same status.
  if (reply.Code === 'NotAuthorized' && asked.token === undefined) signedOut();
  throw new ApiError(response.status, reply);
}

/** Asks the cloud for JSON; undefined when it answers with nothing. @throws as `ask` */
export async function askJson<T>(path: string, asked?: Asked): Promise<T> {
  const response = await ask(path, asked);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** `path` with a query; what is undefined or empty is left out. */
export function withQuery(path: string, query: Record<string, string | number | undefined>) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? path : `${path}?${text}`;
}
