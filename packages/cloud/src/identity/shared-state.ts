import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '@sluice/protocol';
import type { Kysely } from 'kysely';
import type { IdentityTables } from './tables.ts';

/** Another cloud on the same database may have revoked a device: looked at again after so long, ms. */
const freshMs = 1_000;
const hourMs = 3_600_000;
/** Another key after so long… */
const keyMs = 24 * hourMs;
/** …and what the one before signed, or proves, holds for as long again and a little more. */
const keptMs = 2 * keyMs + 2 * hourMs;
/** Before a new key signs, the other clouds must have seen it. */
const settlingMs = 2 * freshMs;
/** No session lives longer than this: who was revoked before that needs not be remembered. */
export const sessionMs = hourMs;

export interface SharedKey {
  id: string;
  kind: string;
  /** base64url */
  secret: string;
  bytes: Buffer;
  createdAt: number;
}

interface State {
  keys: SharedKey[];
  revoked: ReadonlySet<string>;
}

/** What every request is checked by, the same at all clouds of one database but for a second: keys, and who was revoked. */
export class SharedState {
  readonly #db: Kysely<IdentityTables>;
  readonly #clock: Clock;
  readonly #wallTime: () => number;
  #state: State = { keys: [], revoked: new Set() };
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  #changes = 0;

  constructor(db: Kysely<IdentityTables>, clock: Clock, wallTime: () => number) {
    this.#db = db;
    this.#clock = clock;
    this.#wallTime = wallTime;
  }

  /** Undefined: what is known is fresh. Else resolves when it is; rejects when the database cannot tell. */
  ready(): Promise<void> | undefined {
    if (this.#clock.now() - this.#readAt < freshMs) return undefined;
    this.#reading ??= this.#read();
    return this.#reading;
  }

  /** Something was changed here: it is looked at anew before the next answer. */
  changed(): void {
    this.#readAt = Number.NEGATIVE_INFINITY;
    this.#changes++;
  }

  isRevoked(deviceId: string): boolean {
    return this.#state.revoked.has(deviceId);
  }

  /** Those of a kind, the newest first. */
  keys(kind: string): SharedKey[] {
    const oldest = this.#wallTime() - keptMs;
    return this.#state.keys.filter((k) => k.kind === kind && k.createdAt > oldest);
  }

  key(id: string, kind: string): SharedKey | undefined {
    return this.keys(kind).find((k) => k.id === id);
  }

  /** The key to sign with, made when there is none or it is too old. */
  async signingKey(kind: string): Promise<SharedKey> {
    await this.ready();
    const now = this.#wallTime();
    if (now - (this.keys(kind)[0]?.createdAt ?? 0) >= keyMs) await this.makeKey(kind);
    await this.ready();
    const keys = this.keys(kind);
    return keys.find((k) => k.createdAt <= now - settlingMs) ?? keys[0]!;
  }

  async makeKey(kind: string): Promise<void> {
    const now = Math.round(this.#wallTime());
    await this.#db
      .insertInto('identity_key')
      .values({
        key_id: randomBytes(8).toString('hex'),
        kind,
        secret: randomBytes(32).toString('base64url'),
        created_at: now,
        withdrawn: 0,
      })
      .execute();
    const old = now - keptMs;
    await this.#db
      .deleteFrom('identity_key')
      .where('kind', '=', kind)
      .where('created_at', '<', old)
      .execute();
    this.changed();
  }

  /** None of the keys there are proves anything any more; there is another one. */
  async withdraw(kind: string): Promise<void> {
    await this.#db
      .updateTable('identity_key')
      .set({ withdrawn: 1 })
      .where('kind', '=', kind)
      .execute();
    await this.makeKey(kind);
  }

  /** The name of all clouds of this database, made once. */
  async cloudName(): Promise<string> {
    const row = {
      key_id: 'cloud',
      kind: 'cloud',
      secret: randomUUID(),
      created_at: 0,
      withdrawn: 0,
    };
    await this.#db
      .insertInto('identity_key')
      .values(row)
      .onConflict((c) => c.column('key_id').doNothing())
      .execute();
    const { secret } = await this.#db
      .selectFrom('identity_key')
      .select('secret')
      .where('key_id', '=', 'cloud')
      .executeTakeFirstOrThrow();
    return secret;
  }

  async #read(): Promise<void> {
    try {
      // What was read before a change here may not have it: read again.
      for (let changes = -1; changes !== this.#changes; ) {
        changes = this.#changes;
        const startedAt = this.#clock.now();
        this.#state = await this.#fetch();
        this.#readAt = startedAt;
      }
    } finally {
      this.#reading = undefined;
    }
  }

  async #fetch(): Promise<State> {
    const now = Math.round(this.#wallTime());
    const keys = await this.#db
      .selectFrom('identity_key')
      .selectAll()
      .where('withdrawn', '=', 0)
      .where('kind', '!=', 'cloud')
      .orderBy('created_at', 'desc')
      .orderBy('key_id')
      .execute();
    const revoked = await this.#db
      .selectFrom('enrolled_device')
      .select('device_id')
      .where('revoked_at', '>', now - 2 * sessionMs)
      .execute();
    return {
      keys: keys.map((row) => ({
        id: row.key_id,
        kind: row.kind,
        secret: row.secret,
        bytes: Buffer.from(row.secret, 'base64url'),
        createdAt: row.created_at,
      })),
      revoked: new Set(revoked.map((row) => row.device_id)),
    };
  }
}
