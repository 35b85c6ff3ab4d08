import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SharedState } from './shared-state.ts';
import { sessionMs } from './shared-state.ts';

/** Who asks, by its session. */
export interface DeviceCaller {
  deviceId: string;
  tenant: string;
  groupId: string | null;
}

interface Verified extends DeviceCaller {
  expiresAt: number;
}

/** What session tokens begin with. */
export const tokenPrefix = 'sds1.';
const form = /^sds1\.([0-9a-f]{16})\.([\w-]{1,512})\.([\w-]{43})$/;
/** Tokens that were checked and are known by their text: a join must not cost an HMAC each time. */
const maxKnown = 100_000;

/** Session tokens: what they say is signed by a key that all clouds of the database have. */
export class SessionTokens {
  readonly #state: SharedState;
  readonly #wallTime: () => number;
  readonly #known = new Map<string, Verified>();

  constructor(state: SharedState, wallTime: () => number) {
    this.#state = state;
    this.#wallTime = wallTime;
  }

  async issue({ deviceId, tenant, groupId }: DeviceCaller): Promise<string> {
    const key = await this.#state.signingKey('session');
    const expiresAt = Math.round(this.#wallTime()) + sessionMs;
    const said = [deviceId, tenant, groupId ?? '', expiresAt].join('~');
    const payload = Buffer.from(said, 'utf8').toString('base64url');
    return `${tokenPrefix}${key.id}.${payload}.${macOf(key.bytes, payload).toString('base64url')}`;
  }

  /** Whose it is, if it holds now; the state must be ready. */
  verify(token: string): DeviceCaller | undefined {
    const known = this.#known.get(token) ?? this.#check(token);
    if (!known) return undefined;
    if (this.#wallTime() < known.expiresAt) return known;
    this.#known.delete(token);
    return undefined;
  }

  #check(token: string): Verified | undefined {
    const [, keyId, payload, mac] = form.exec(token) ?? [];
    if (keyId === undefined || payload === undefined || mac === undefined) return undefined;
    const key = this.#state.key(keyId, 'session');
    if (!key) return undefined;
    const given = Buffer.from(mac, 'base64url');
    if (!timingSafeEqual(given, macOf(key.bytes, payload))) return undefined;
    const said = Buffer.from(payload, 'base64url').toString('utf8').split('~');
    const [deviceId = '', tenant = '', group = '', expires = ''] = said;
    const verified = { deviceId, tenant, groupId: group || null, expiresAt: Number(expires) };
    if (this.#known.size >= maxKnown) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(token, verified);
    return verified;
  }
}

function macOf(key: Buffer, payload: string): Buffer {
  return createHmac('sha256', key).update(`sluice session token 1\n${payload}`).digest();
}
