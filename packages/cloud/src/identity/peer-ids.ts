import { type Clock, sluiceError } from '@sluice/protocol';
import type { Kysely } from 'kysely';
import type { IdentityTables } from './tables.ts';

/** A peer id that its device has not come with for so long is free, ms. */
const keptMs = 30 * 86_400_000;
/** Whose a peer id is, is looked up again after so long, ms. */
const knownMs = 3_600_000;
const maxKnown = 200_000;
/** Peer ids of one device: each program with a data directory of its own has one. The oldest goes. */
const maxEach = 64;

/** Whose the peer ids are: who comes with one first has it, and no other device. */
export class PeerIds {
  readonly #db: Kysely<IdentityTables>;
  readonly #clock: Clock;
  readonly #wallTime: () => number;
  readonly #known = new Map<string, { deviceId: string; at: number }>();

  constructor(db: Kysely<IdentityTables>, clock: Clock, wallTime: () => number) {
    this.#db = db;
    this.#clock = clock;
    this.#wallTime = wallTime;
  }

  /** Undefined: it is the device's. @throws (rejects) PeerIdTaken */
  claim(peerId: string, deviceId: string): Promise<void> | undefined {
    const known = this.#known.get(peerId);
    const isFresh = known !== undefined && this.#clock.now() - known.at < knownMs;
    // That it is another's is never taken from memory: that device may have been revoked.
    if (isFresh && known.deviceId === deviceId) return undefined;
    return this.#claim(peerId, deviceId);
  }

  async #claim(peerId: string, deviceId: string): Promise<void> {
    const owner = await this.#take(peerId, deviceId);
    if (owner !== deviceId) throw sluiceError('PeerIdTaken', { peer: peerId });
    if (this.#known.size >= maxKnown) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(peerId, { deviceId, at: this.#clock.now() });
  }

  /** @returns whose it is. */
  async #take(peerId: string, deviceId: string): Promise<string> {
    const now = Math.round(this.#wallTime());
    const row = { peer_id: peerId, device_id: deviceId, seen_at: now };
    // One statement, so that of two who come at once one has it.
    const taken = await this.#db
      .insertInto('device_peer')
      .values(row)
      .onConflict((c) =>
        c
          .column('peer_id')
          .doUpdateSet({ device_id: deviceId, seen_at: now })
          .where((eb) =>
            eb.or([
              eb('device_peer.device_id', '=', deviceId),
              eb('device_peer.seen_at', '<', now - keptMs),
            ]),
          ),
      )
      .returning('device_id')
      .executeTakeFirst();
    if (!taken) return '';
    await this.#dropOldest(deviceId);
    return taken.device_id;
  }

  async #dropOldest(deviceId: string): Promise<void> {
    const rows = await this.#db
      .selectFrom('device_peer')
      .select('peer_id')
      .where('device_id', '=', deviceId)
      .orderBy('seen_at', 'desc')
      .orderBy('peer_id')
      .offset(maxEach)
      .limit(maxEach)
      .execute();
    if (rows.length === 0) return;
    const ids = rows.map((row) => row.peer_id);
    await this.#db.deleteFrom('device_peer').where('peer_id', 'in', ids).execute();
  }
}
