import type { FastifyInstance, FastifyRequest } from 'fastify';
import { catalogued } from '../../http/error-handling.ts';
import { defaultTenant } from '../access/caller.ts';
import { isUnsafe } from '../access/same-origin.ts';
import type { AuditLog } from './audit-log.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the audit log says of a change beside the names of what was given. No secrets: nobody can take them out. */
    auditFacts: object | undefined;
    auditError: string | null;
  }
}

/** Characters of a target and of the facts. */
const maxTarget = 512;
const maxDetail = 8192;
/** Of a body whose route tells no facts: how many names, and how long. */
const maxNames = 32;
const maxName = 64;

/**
 * Has all that `scope` changes, and refuses to, written to the log, before the answer: if that cannot be done,
 * the caller hears of a failure rather than of a change that nobody will ever know who made.
 */
export function recordChanges(scope: FastifyInstance, audit: AuditLog): void {
  scope.decorateRequest('auditFacts', undefined);
  scope.decorateRequest('auditError', null);
  const recorded = new WeakSet<FastifyRequest>();
  scope.addHook('onError', async (request, _reply, error) => {
    request.auditError = catalogued(error).code;
  });
  scope.addHook('onSend', async (request, reply) => {
    // Strangers are refused without an entry: they could fill the disk.
    if (!request.admin || !isUnsafe(request.method) || recorded.has(request)) return;
    recorded.add(request);
    const action = `${request.method} ${request.routeOptions.url ?? '(no route)'}`;
    const status = reply.statusCode;
    await audit.append({ ...eventOf(request, action), Status: status, Error: request.auditError });
  });
}

/** Who, from where and what; what came of it is to be added. */
export function eventOf(request: FastifyRequest, action: string) {
  const { admin, auditFacts, callerIp } = request;
  return {
    User: admin?.user ?? '',
    Role: admin?.role ?? null,
    Tenant: admin?.tenant ?? defaultTenant,
    Address: callerIp,
    Action: action,
    Target: targetOf(request.params),
    Detail: detailOf(auditFacts ?? namesIn(request.body)),
  };
}

/** What a caller may have written itself: without what plays tricks on terminals, or what no database takes. */
function targetOf(params: unknown): string {
  const values = Object.values((params ?? {}) as Record<string, string>);
  const text = values
    .join(' ')
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, '\ufffd');
  return text.slice(0, maxTarget).toWellFormed();
}

function detailOf(facts: object): string {
  const text = JSON.stringify(facts);
  return text.length <= maxDetail ? text : JSON.stringify({ TooLong: text.length });
}

/** Of a body nobody knows what is secret: names only. */
function namesIn(body: unknown): object {
  if (typeof body !== 'object' || body === null) return {};
  const names = Object.keys(body).slice(0, maxNames);
  return { Given: names.map((name) => name.slice(0, maxName)) };
}
