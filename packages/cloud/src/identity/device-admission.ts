import { type Clock, sluiceError } from '@sluice/protocol';
import { RateLimiter } from '../http/rate-limiter.ts';
import type { Identity } from './identity.ts';
import { type DeviceCaller, tokenPrefix } from './session-tokens.ts';

/** Requests a second of one device in the long run; it joins once for each content that it shares. */
const perSecond = 50;

/** Which device a request is of, by its session. */
export class DeviceAdmission {
  readonly #identity: Identity;
  readonly #limiter: RateLimiter;

  constructor({ identity, clock }: { identity: Identity; clock: Clock }) {
    this.#identity = identity;
    this.#limiter = new RateLimiter(clock, perSecond);
  }

  /** Until then nobody can be admitted; undefined: it is ready. */
  ready(): Promise<void> | undefined {
    return this.#identity.state.ready();
  }

  /** @throws SessionRequired, TooManyRequests */
  admit(token: string | undefined): DeviceCaller {
    if (!token?.startsWith(tokenPrefix)) throw refusal('the request has no session');
    const { state, tokens } = this.#identity;
    const device = tokens.verify(token);
    if (!device) throw refusal('its session does not hold, or no longer');
    if (state.isRevoked(device.deviceId)) throw refusal('it was revoked');
    if (!this.#limiter.take(device.deviceId)) throw sluiceError('TooManyRequests');
    return device;
  }
}

/** What `Authorization` has after `Bearer`. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return authorization && /^Bearer +(\S{1,1024}) *$/i.exec(authorization)?.[1];
}

export function refusal(detail: string) {
  return sluiceError('SessionRequired', { detail });
}
