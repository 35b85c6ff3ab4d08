import { randomUUID } from 'node:crypto';
import {
  type EnrolledDeviceView,
  type EnrolRequest,
  enrolStatement,
  sluiceError,
} from '@sluice/protocol';
import type { Kysely } from 'kysely';
import type { Enrolments, Page } from './enrolments.ts';
import type { DeviceCaller } from './session-tokens.ts';
import type { SharedState } from './shared-state.ts';
import { isSignedBy } from './signatures.ts';
import type { IdentityTables } from './tables.ts';

export type DeviceRow = IdentityTables['enrolled_device'];

interface DevicesParts {
  db: Kysely<IdentityTables>;
  state: SharedState;
  enrolments: Enrolments;
  wallTime: () => number;
  cloudName: string;
}

/** The kind of the keys by which the devices of a tenant know each other. */
export const peerKind = (tenant: string) => `peer:${tenant}`;

/** The devices that are enrolled, or were. */
export class Devices {
  readonly #parts: DevicesParts;

  constructor(parts: DevicesParts) {
    this.#parts = parts;
  }

  /** Makes a device of a key. Who asks again with the same key, since no answer came, is the same device. @throws EnrolmentRefused, DeviceRefused */
  async enrol({ Secret, PublicKey, Signature }: EnrolRequest): Promise<DeviceCaller> {
    const { enrolments, cloudName: cloud } = this.#parts;
    const statement = enrolStatement({ cloud, secret: Secret, publicKey: PublicKey });
    if (!isSignedBy(PublicKey, statement, Signature)) throw refused('its signature is wrong');
    const known = await this.#byKey(PublicKey);
    if (known) {
      const enrolment = await enrolments.find(Secret);
      const isSame = enrolment?.enrolment_id === known.enrolment_id && known.revoked_at === null;
      if (!isSame) throw sluiceError('EnrolmentRefused');
      return callerOf(known);
    }
    const { enrolment_id, tenant, group_id } = await enrolments.use(Secret);
    const now = this.#now();
    const row: DeviceRow = {
      ...{ device_id: randomUUID(), tenant, group_id, public_key: PublicKey, enrolment_id },
      ...{ enrolled_at: now, key_since: now, seen_at: now, revoked_at: null },
    };
    await this.#parts.db.insertInto('enrolled_device').values(row).execute();
    return callerOf(row);
  }

  /** @throws DeviceRefused: there is none, or it was revoked */
  async find(deviceId: string): Promise<DeviceRow> {
    const row = await this.#parts.db
      .selectFrom('enrolled_device')
      .selectAll()
      .where('device_id', '=', deviceId)
      .executeTakeFirst();
    if (!row) throw refused('it is not known');
    if (row.revoked_at !== null) throw refused('it was revoked');
    return row;
  }

  async list({ after, limit, tenant }: Page): Promise<EnrolledDeviceView[]> {
    const rows = await this.#parts.db
      .selectFrom('enrolled_device')
      .selectAll()
      .where('device_id', '>', after)
      .$if(tenant !== undefined, (q) => q.where('tenant', '=', tenant!))
      .orderBy('device_id')
      .limit(limit)
      .execute();
    return rows.map(viewOf);
  }

  async seen(deviceId: string): Promise<void> {
    await this.#parts.db
      .updateTable('enrolled_device')
      .set({ seen_at: this.#now() })
      .where('device_id', '=', deviceId)
      .execute();
  }

  /** @param before the key that it had. @throws DeviceRefused: it has another one by now */
  async changeKey(deviceId: string, before: string, publicKey: string): Promise<void> {
    if (await this.#byKey(publicKey)) throw refused('the new key is in use');
    const done = await this.#parts.db
      .updateTable('enrolled_device')
      .set({ public_key: publicKey, key_since: this.#now() })
      .where('device_id', '=', deviceId)
      .where('public_key', '=', before)
      .where('revoked_at', 'is', null)
      .returning('device_id')
      .executeTakeFirst();
    if (!done) throw refused('its key was changed meanwhile');
  }

  /**
   * The device is heard no more, by any cloud of the database within `SharedState`'s second. Its peers get
   * another key, which it never hears of. @param tenant whose it must be. @throws NoSuchResource
   */
  async revoke(deviceId: string, tenant: string | undefined): Promise<void> {
    const { db, state } = this.#parts;
    const row = await db
      .updateTable('enrolled_device')
      .set((eb) => ({ revoked_at: eb.fn.coalesce('revoked_at', eb.val(this.#now())) }))
      .where('device_id', '=', deviceId)
      .$if(tenant !== undefined, (q) => q.where('tenant', '=', tenant!))
      .returning('tenant')
      .executeTakeFirst();
    if (!row) throw sluiceError('NoSuchResource');
    state.changed();
    await db.deleteFrom('device_peer').where('device_id', '=', deviceId).execute();
    await state.withdraw(peerKind(row.tenant));
  }

  #byKey(publicKey: string): Promise<DeviceRow | undefined> {
    return this.#parts.db
      .selectFrom('enrolled_device')
      .selectAll()
      .where('public_key', '=', publicKey)
      .executeTakeFirst();
  }

  #now(): number {
    return Math.round(this.#parts.wallTime());
  }
}

export function callerOf({ device_id, tenant, group_id }: DeviceRow): DeviceCaller {
  return { deviceId: device_id, tenant, groupId: group_id };
}

function refused(detail: string) {
  return sluiceError('DeviceRefused', { detail });
}

function viewOf(row: DeviceRow): EnrolledDeviceView {
  const text = (at: number) => new Date(at).toISOString();
  return {
    DeviceId: row.device_id,
    Tenant: row.tenant,
    GroupId: row.group_id,
    EnrolmentId: row.enrolment_id,
    EnrolledAt: text(row.enrolled_at),
    KeySince: text(row.key_since),
    LastSeenAt: text(row.seen_at),
    RevokedAt: row.revoked_at === null ? null : text(row.revoked_at),
  };
}
