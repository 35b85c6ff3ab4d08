import type { IncomingMessage } from 'node:http';
import { sluiceError } from '@sluice/protocol';
import type { Caller } from '../jobs/job-desk.ts';
import type { Logins } from './logins.ts';

/** What each user may ask, who is shown his own only. All else is the administrator's. */
const forAll = ['/v1/status', '/v1/openapi.json', '/v1/login'];
const isForAll = (route: string) => forAll.includes(route) || /^\/v1\/jobs(\/|$)/.test(route);

/**
 * Tells who asks. The agent's own socket opens to its user only, who owns the data directory: an
 * administrator. Who comes by the shared one shows a token.
 */
export class Callers {
  readonly #logins: Logins | undefined;
  readonly #shared = new WeakSet<IncomingMessage>();

  constructor(logins: Logins | undefined) {
    this.#logins = logins;
  }

  cameByShared(request: IncomingMessage): void {
    this.#shared.add(request);
  }

  /** @throws NotYours */
  of(request: IncomingMessage): Caller {
    const caller = this.known(request);
    if (!caller) throw sluiceError('NotYours');
    return caller;
  }

  /** Undefined without a token of ours. */
  known(request: IncomingMessage): Caller | undefined {
    if (!this.#shared.has(request)) return { name: 'administrator', isAdmin: true };
    const token = /^Bearer ([0-9a-f]{64})$/.exec(request.headers.authorization ?? '')?.[1];
    return token === undefined ? undefined : this.#logins?.callerOf(token);
  }

  /** @param route the URL of the route that was found. @throws NotYours */
  assertMay(route: string, request: IncomingMessage): void {
    if (!isForAll(route) && !this.of(request).isAdmin) throw sluiceError('NotYours');
  }
}
