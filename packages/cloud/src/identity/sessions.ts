import {
  type Clock,
  type RotateKeyRequest,
  rotateStatement,
  type SessionReply,
  type SessionRequest,
  sessionStatement,
  sluiceError,
} from '@sluice/protocol';
import type { Kysely } from 'kysely';
import { RateLimiter } from '../http/rate-limiter.ts';
import { callerOf, type DeviceRow, type Devices, peerKind } from './devices.ts';
import type { SessionTokens } from './session-tokens.ts';
import { type SharedState, sessionMs } from './shared-state.ts';
import { isSignedBy } from './signatures.ts';
import type { IdentityTables } from './tables.ts';

/** How far the clocks of device and cloud may be apart, ms. */
const skewMs = 300_000;
/** A device needs one session an hour; after a start of all its programs some more. */
const perSecond = 0.1;
const atOnce = 20;
/** Between two looks for nonces that cannot come again, ms. */
const sweepMs = 60_000;
/** Keys of a tenant that a device is told: the current one, those before, one that another cloud made at the same time. */
const maxPeerKeys = 4;

interface SessionsParts {
  db: Kysely<IdentityTables>;
  state: SharedState;
  devices: Devices;
  tokens: SessionTokens;
  clock: Clock;
  wallTime: () => number;
  cloudName: string;
}

/** Gives sessions to devices that prove who they are. */
export class Sessions {
  readonly #parts: SessionsParts;
  readonly #limiter: RateLimiter;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(parts: SessionsParts) {
    this.#parts = parts;
    this.#limiter = new RateLimiter(parts.clock, perSecond, atOnce);
  }

  /** @throws DeviceRefused, ClockSkewed, RequestReplayed, TooManyRequests */
  async open(request: SessionRequest): Promise<SessionReply> {
    const { devices, tokens, state } = this.#parts;
    const device = await devices.find(request.DeviceId);
    const statement = sessionStatement(this.#signed(request));
    await this.#check(device, request, isSignedBy(device.public_key, statement, request.Signature));
    await devices.seen(device.device_id);
    const caller = callerOf(device);
    await state.signingKey(peerKind(caller.tenant));
    return {
      Token: await tokens.issue(caller),
      ExpiresInSeconds: sessionMs / 1000,
      Tenant: caller.tenant,
      GroupId: caller.groupId,
      PeerKeys: state
        .keys(peerKind(caller.tenant))
        .slice(0, maxPeerKeys)
        .map(({ id, secret }) => ({ Id: id, Key: secret })),
    };
  }

  /** Takes another key for the device. @throws as `open` */
  async rotate(request: RotateKeyRequest): Promise<void> {
    const { devices } = this.#parts;
    const { DeviceId, NewPublicKey: newPublicKey, Signature, NewSignature } = request;
    const device = await devices.find(DeviceId);
    const statement = rotateStatement({ ...this.#signed(request), newPublicKey });
    const isRight =
      isSignedBy(device.public_key, statement, Signature) &&
      isSignedBy(newPublicKey, statement, NewSignature);
    await this.#check(device, request, isRight);
    await devices.changeKey(DeviceId, device.public_key, newPublicKey);
  }

  #signed({
    DeviceId,
    Timestamp,
    Nonce,
  }: Pick<SessionRequest, 'DeviceId' | 'Timestamp' | 'Nonce'>) {
    const { cloudName: cloud } = this.#parts;
    return { cloud, deviceId: DeviceId, timestamp: Timestamp, nonce: Nonce };
  }

  /** Strangers are told nothing of clocks, and use up nothing of the device's. */
  async #check(device: DeviceRow, request: SessionRequest | RotateKeyRequest, isRight: boolean) {
    if (!isRight) throw sluiceError('DeviceRefused', { detail: 'its signature is wrong' });
    const { wallTime } = this.#parts;
    const ahead = request.Timestamp - wallTime();
    if (Math.abs(ahead) > skewMs) {
      throw sluiceError('ClockSkewed', {
        seconds: Math.round(Math.abs(ahead) / 1000),
        direction: ahead > 0 ? 'ahead of' : 'behind',
      });
    }
    if (!this.#limiter.take(device.device_id)) throw sluiceError('TooManyRequests');
    await this.#takeNonce(device.device_id, request);
  }

  /** In the database, so that what one cloud took no other takes again. */
  async #takeNonce(deviceId: string, { Nonce, Timestamp }: { Nonce: string; Timestamp: number }) {
    const { db, clock, wallTime } = this.#parts;
    const taken = await db
      .insertInto('identity_nonce')
      .values({ device_id: deviceId, nonce: Nonce, expires_at: Timestamp + 2 * skewMs })
      .onConflict((c) => c.columns(['device_id', 'nonce']).doNothing())
      .returning('nonce')
      .executeTakeFirst();
    if (!taken) throw sluiceError('RequestReplayed');
    if (clock.now() - this.#sweptAt < sweepMs) return;
    this.#sweptAt = clock.now();
    const now = Math.round(wallTime());
    await db.deleteFrom('identity_nonce').where('expires_at', '<', now).execute();
  }
}
