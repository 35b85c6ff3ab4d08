import type { FastifyReply, FastifyRequest } from 'fastify';

/** Longer than any session may last, s: what is over the cloud knows. */
const maxAge = 7 * 24 * 3600;

/**
 * The name of the session’s cookie. Over TLS the prefix has browsers refuse one that came without TLS, or from a
 * neighbouring host (RFC 6265bis §4.1.3.2); the other name is not believed then.
 */
function nameFor(request: FastifyRequest): string {
  return request.protocol === 'https' ? '__Host-sluice-session' : 'sluice-session';
}

/** What the cookie holds; undefined when there is none, or none of ours. */
export function sessionKeyOf(request: FastifyRequest): string | undefined {
  return readCookie(request, nameFor(request), /^[\w-]{43}$/);
}

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, key: string): void {
  const attributes = { path: '/', sameSite: 'Strict', maxAge } as const;
  setCookie(request, reply, nameFor(request), key, attributes);
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  const attributes = { path: '/', sameSite: 'Strict', maxAge: 0 } as const;
  setCookie(request, reply, nameFor(request), '', attributes);
}

/** A cookie that is there once and looks as it should; of two of one name nobody knows which is ours. */
export function readCookie(
  request: FastifyRequest,
  name: string,
  shape: RegExp,
): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const values = pairs.flatMap((pair) =>
    pair.startsWith(`${name}=`) ? [pair.slice(name.length + 1)] : [],
  );
  return values.length === 1 && shape.test(values[0]!) ? values[0] : undefined;
}

/** @param value letters, digits, `-`, `_`, `.` only */
export function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  value: string,
  { path, sameSite, maxAge }: { path: string; sameSite: 'Strict' | 'Lax'; maxAge: number },
): void {
  const secure = request.protocol === 'https' ? '; Secure' : '';
  reply.header(
    'set-cookie',
    `${name}=${value}; Path=${path}; Max-Age=${maxAge}; HttpOnly; SameSite=${sameSite}${secure}`,
  );
}
