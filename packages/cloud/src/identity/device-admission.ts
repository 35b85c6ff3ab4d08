import type { IncomingMessage } from 'node:http';
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
  readonly #passedOn = new WeakMap<IncomingMessage, DeviceCaller>();

  constructor({ identity, clock }: { identity: Identity; clock: Clock }) {
    this.#identity = identity;
    this.#limiter = new RateLimiter(clock, perSecond);
  }

  /** Until then it cannot be told whose the token is; undefined: it can. */
  ready(token: string | undefined): Promise<void> | undefined {
    return token?.startsWith(tokenPrefix) ? this.#identity.state.ready() : undefined;
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

  /** It was admitted, and somebody else answers it: it does not count twice. */
  passOn(raw: IncomingMessage, device: DeviceCaller): void {
    this.#passedOn.set(raw, device);
  }

  passedOn(raw: IncomingMessage): DeviceCaller | undefined {
    return this.#passedOn.get(raw);
  }
}

/** What `Authorization` has after `Bearer`. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return authorization && /^Bearer +(\S{1,1024}) *$/i.exec(authorization)?.[1];
}

export function refusal(detail: string) {
  return sluiceError('SessionRequired', { detail });
}
