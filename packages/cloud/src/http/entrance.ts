import type { IncomingMessage } from 'node:http';
import { type Clock, sluiceError } from '@sluice/protocol';
import { type Cidr, parseCidr } from '../cache-nodes/cidr.ts';
import { siteOf } from '../registry/site.ts';
import { type Asking, callerIpOf } from './caller-address.ts';
import { RateLimiter } from './rate-limiter.ts';
import { requestIdOf } from './request-log.ts';

/** What every request comes by, whoever reads it: Fastify or the faces of joins. */
export class Entrance {
  readonly #trusted: readonly Cidr[];
  readonly #limiter: RateLimiter;
  readonly #passedOn = new WeakSet<IncomingMessage>();

  constructor(options: { clock: Clock; requestsPerSecond: number; trustedProxies: string[] }) {
    this.#trusted = options.trustedProxies.flatMap((cidr) => parseCidr(cidr) ?? []);
    this.#limiter = new RateLimiter(options.clock, options.requestsPerSecond);
  }

  requestId(raw: Asking): string {
    return requestIdOf(raw, this.#trusted);
  }

  /**
   * The external address of the caller, canonical.
   * @throws RequestInvalid: the connection is gone, or a trusted proxy writes nonsense
   */
  callerIp(raw: Asking): string {
    const ip = callerIpOf(raw, this.#trusted);
    if (ip !== undefined) return ip;
    throw sluiceError('RequestInvalid', { detail: 'the caller has no address' });
  }

  /** Takes one request of a site. @throws TooManyRequests: it has to wait */
  admit(callerIp: string): void {
    if (!this.#limiter.take(siteOf(callerIp))) throw sluiceError('TooManyRequests');
  }

  /** It was admitted, and somebody else answers it: it does not count twice. */
  passOn(raw: IncomingMessage): void {
    this.#passedOn.add(raw);
  }

  isPassedOn(raw: IncomingMessage): boolean {
    return this.#passedOn.has(raw);
  }
}
