import { randomUUID } from 'node:crypto';
import {
  type CacheNodeSettings,
  type CacheNodeView,
  type HeartbeatRequest,
  sluiceError,
} from '@sluice/protocol';
import type { Kysely } from 'kysely';
import type { Database } from '../database/database.ts';
import { hostsFor } from './hand-out.ts';
import { digestOf, isKey, newKey } from './node-keys.ts';
import { nodeView } from './node-record.ts';
import { type CacheNodeTables, migrations } from './tables.ts';

/** Another cloud on the same database may have heard of them: looked at again after so long, ms. */
const freshMs = 1_000;

type Row = CacheNodeTables['cache_node'];

/** The cache nodes of an organisation: made by an admin, registered by themselves, told to devices. */
export class CacheNodes {
  readonly db: Kysely<CacheNodeTables>;
  readonly #wallTime: () => number;
  /** Every device asks for them; they change with heartbeats. */
  #rows: Promise<Row[]> | undefined;
  #readAt = 0;

  constructor(db: Kysely<CacheNodeTables>, wallTime: () => number) {
    this.db = db;
    this.#wallTime = wallTime;
  }

  /** @throws as `Database.tables` */
  static async open(database: Database, wallTime: () => number): Promise<CacheNodes> {
    const db = await database.tables<CacheNodeTables>({ name: 'cache-nodes', migrations });
    return new CacheNodes(db, wallTime);
  }

  /** @returns the key that registers it, which is not kept. @throws RequestInvalid: the name is taken */
  async create(name: string, settings: CacheNodeSettings): Promise<string> {
    if (await this.#find(name)) {
      throw sluiceError('RequestInvalid', { detail: `there is a cache node ${name} already` });
    }
    const key = newKey();
    const row = {
      ...columns(settings),
      ...{ name, node_id: randomUUID(), registration_key: digestOf(key) },
      ...{ node_key: null, heartbeat_at: null, public_host: null, heartbeat: null },
    };
    await this.#changed(this.db.insertInto('cache_node').values(row).execute());
    return key;
  }

  /** @throws NoSuchResource */
  async change(name: string, settings: Partial<CacheNodeSettings>): Promise<CacheNodeView> {
    const before = await this.view(name);
    const set = columns({ ...before, ...settings });
    await this.#changed(
      this.db.updateTable('cache_node').set(set).where('name', '=', name).execute(),
    );
    return this.view(name);
  }

  /** A new key that registers the node; what it has by now holds until then. @throws NoSuchResource */
  async renewKey(name: string): Promise<string> {
    await this.view(name);
    const key = newKey();
    const set = { registration_key: digestOf(key) };
    await this.#changed(
      this.db.updateTable('cache_node').set(set).where('name', '=', name).execute(),
    );
    return key;
  }

  /** @throws NoSuchResource */
  async remove(name: string): Promise<void> {
    await this.view(name);
    await this.#changed(this.db.deleteFrom('cache_node').where('name', '=', name).execute());
  }

  async list(): Promise<CacheNodeView[]> {
    const now = this.#wallTime();
    return (await this.#all()).map((row) => nodeView(row, now));
  }

  /** @throws NoSuchResource */
  async view(name: string): Promise<CacheNodeView> {
    const row = await this.#find(name);
    if (!row) throw sluiceError('NoSuchResource');
    return nodeView(row, this.#wallTime());
  }

  /** Takes a registration key, once. @throws NotAuthorized */
  async register(registrationKey: string): Promise<{ id: string; name: string; key: string }> {
    const digest = digestOf(registrationKey);
    const key = newKey();
    // One statement: of two who come with the same key, one gets in.
    const done = await this.db
      .updateTable('cache_node')
      .set({ registration_key: null, node_key: digestOf(key), heartbeat: null, heartbeat_at: null })
      .where('registration_key', '=', digest)
      .returning(['node_id', 'name'])
      .executeTakeFirst();
    this.#rows = undefined;
    if (!done) throw sluiceError('NotAuthorized');
    return { id: done.node_id, name: done.name, key };
  }

  /** Whose id and key these are. @throws NotAuthorized */
  async authenticate(id: string, key: string): Promise<CacheNodeView> {
    // Not from memory: it may have registered at another cloud a moment ago.
    const rows = this.db.selectFrom('cache_node').selectAll().where('node_id', '=', id);
    const row = await rows.executeTakeFirst();
    if (!row || !isKey(key, row.node_key)) throw sluiceError('NotAuthorized');
    return nodeView(row, this.#wallTime());
  }

  /** @param publicHost under which devices reach it */
  async heard(name: string, publicHost: string, heartbeat: HeartbeatRequest): Promise<void> {
    const { Jobs, ...rest } = heartbeat;
    const set = {
      heartbeat_at: Math.round(this.#wallTime()),
      public_host: publicHost,
      heartbeat: JSON.stringify(rest),
    };
    await this.#changed(
      this.db.updateTable('cache_node').set(set).where('name', '=', name).execute(),
    );
  }

  /** The cache hosts for a device at this address, best first. */
  async hostsFor(ip: string): Promise<string[]> {
    return hostsFor(await this.list(), ip);
  }

  async #find(name: string): Promise<Row | undefined> {
    return (await this.#all()).find((row) => row.name === name);
  }

  #all(): Promise<Row[]> {
    const now = this.#wallTime();
    if (!this.#rows || now - this.#readAt >= freshMs) {
      this.#readAt = now;
      const rows = this.db.selectFrom('cache_node').selectAll().orderBy('name').execute();
      this.#rows = rows;
      rows.catch(() => {
        if (this.#rows === rows) this.#rows = undefined;
      });
    }
    return this.#rows;
  }

  async #changed(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } finally {
      this.#rows = undefined;
    }
  }
}

function columns(settings: CacheNodeSettings) {
  return {
    cidrs: JSON.stringify(settings.Cidrs),
    max_egress_mbps: settings.MaxAllowableEgressInMbps,
    enabled: settings.IsEnabled ? 1 : 0,
    drives: JSON.stringify(settings.Drives),
  };
}
