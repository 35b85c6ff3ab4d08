import type { IncomingMessage } from 'node:http';
import { sluiceError } from '@sluice/protocol';
import type { Caller } from '../jobs/job-desk.ts';
import type { Logins } from './logins.ts';

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
    if (!this.#shared.has(request)) return { name: 'administrator', isAdmin: true };
    const token = /^Bearer ([0-9a-f]{64})$/.exec(request.headers.authorization ?? '')?.[1];
    const caller = token === undefined ? undefined : this.#logins?.callerOf(token);
    if (!caller) throw sluiceError('NotYours');
    return caller;
  }

  /** @throws NotYours */
  assertAdmin(request: IncomingMessage): void {
    if (!this.of(request).isAdmin) throw sluiceError('NotYours');
  }
}
