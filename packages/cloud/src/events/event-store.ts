import type { DeviceEvent, EventBatch, EventsReply } from '@sluice/protocol';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../database/database.ts';
import { makeViews } from '../reports/views.ts';
import { deviceOf, mergedDevice } from './devices.ts';
import {
  contentOf,
  dayMs,
  factOf,
  keptEvents,
  reasonsOf,
  type Sender,
  type TimeRange,
} from './facts.ts';
import type { Places } from './geo/places.ts';
import { deviceColumns, eventColumns, factColumns, reasonColumns } from './given-columns.ts';
import { eventMigrations } from './migrations.ts';
import { EventPartitions } from './partitions.ts';
import { relation } from './relation.ts';
import { deviceStatement, reasonStatement, rollUpStatements } from './roll-ups.ts';
import { rememberPlaces } from './site-places.ts';
import type { EventTables } from './tables.ts';

/** A batch, its schema checked, and who sent it. */
export interface GivenBatch {
  batch: EventBatch;
  sender: Sender;
}

/** Ours beside the reply of the protocol: events too old or of the future, which are not kept. */
export type IngestReply = EventsReply & { Refused: number };

type EventRow = EventTables['event'];
interface Kept extends Sender {
  event: DeviceEvent;
  row: EventRow;
}

/** Keeps events and what is added up of them, in one transaction: an event counts once, or not at all. */
export class EventStore {
  readonly db: Kysely<EventTables>;
  readonly postgres: boolean;
  readonly #partitions: EventPartitions;
  readonly #places: Places;

  private constructor(db: Kysely<EventTables>, postgres: boolean, places: Places) {
    this.db = db;
    this.postgres = postgres;
    this.#partitions = new EventPartitions(db, postgres);
    this.#places = places;
  }

  /** @throws as `Database.tables` */
  static async open(database: Database, places: Places): Promise<EventStore> {
    const migrations = eventMigrations(database.shared);
    const db = await database.tables<EventTables>({ name: 'events', migrations });
    if (database.shared) await makeViews(db);
    return new EventStore(db, database.shared, places);
  }

  /** Takes batches together: one transaction, and each row of a sum written once. */
  async ingest(given: readonly GivenBatch[], range: TimeRange): Promise<IngestReply[]> {
    const kept = given.map(({ batch, sender }) =>
      keptEvents(batch, range).map((event) => ({ ...sender, event, row: rowOf(event, sender) })),
    );
    const all = kept.flat();
    if (all.length === 0) return given.map(({ batch }) => replyOf(batch, 0, 0));
    await this.#partitions.provide(new Set(all.map(({ row }) => row.day)));
    const fresh = await this.#keep(all);
    return given.map(({ batch }, i) => {
      const accepted = kept[i]!.filter((one) => fresh.has(one)).length;
      return replyOf(batch, kept[i]!.length, accepted);
    });
  }

  /** @returns those that were not there */
  async #keep(all: readonly Kept[]): Promise<Set<Kept>> {
    try {
      return await this.db.transaction().execute(async (tx) => {
        const fresh = await this.#insert(tx, all);
        if (fresh.length > 0) await this.#addUp(tx, fresh);
        return new Set(fresh);
      });
    } catch (error) {
      // Perhaps another cloud has dropped one.
      this.#partitions.forget();
      throw error;
    }
  }

  async #insert(tx: Transaction<EventTables>, all: readonly Kept[]): Promise<Kept[]> {
    const byId = new Map<string, Kept>();
    for (const one of all) if (!byId.has(one.row.event_id)) byId.set(one.row.event_id, one);
    const rows = relation(
      [...byId.values()].map(({ row }) => row),
      eventColumns,
      this.postgres,
    );
    const names = sql.raw(Object.keys(eventColumns).join(', '));
    // In order, as the sums: two clouds that are given the same events wait for each other.
    const { rows: inserted } = await sql<{ event_id: string }>`
      INSERT INTO event (${names}) SELECT ${names} FROM ${rows} WHERE true ORDER BY event_id
      ON CONFLICT (event_id, day) DO NOTHING RETURNING event_id`.execute(tx);
    return inserted.map(({ event_id }) => byId.get(event_id)!);
  }

  async #addUp(tx: Transaction<EventTables>, fresh: readonly Kept[]): Promise<void> {
    const downloads = fresh.flatMap(({ event, ...sender }) =>
      event.Name === 'DeviceSnapshot' ? [] : [{ event, sender }],
    );
    const facts = downloads.map(({ event, sender }) => factOf(event, sender));
    const reasons = downloads.flatMap(({ event, sender }) => reasonsOf(event, sender));
    if (facts.length > 0) {
      const given = relation(facts, factColumns, this.postgres);
      for (const statement of rollUpStatements(given)) await statement.execute(tx);
    }
    if (reasons.length > 0) {
      await reasonStatement(relation(reasons, reasonColumns, this.postgres)).execute(tx);
    }
    const devices = relation(devicesOf(fresh), deviceColumns, this.postgres);
    await deviceStatement(devices).execute(tx);
    await rememberPlaces(tx, new Set(fresh.map(({ site }) => site)), this.#places);
  }
}

function rowOf(event: DeviceEvent, { tenant, deviceId }: Sender): EventRow {
  return {
    day: Math.floor(event.Time / dayMs),
    event_id: event.EventId,
    tenant,
    device_id: deviceId,
    name: event.Name,
    time: event.Time,
    content_id: contentOf(event),
    body: JSON.stringify(event),
  };
}

function devicesOf(fresh: readonly Kept[]): EventTables['device'][] {
  const bySender = Map.groupBy(fresh, ({ tenant, deviceId, site }) =>
    JSON.stringify([tenant, deviceId, site]),
  );
  const devices = new Map<string, EventTables['device']>();
  for (const kept of bySender.values()) {
    const device = deviceOf(
      kept.map(({ event }) => event),
      kept[0]!,
    );
    const key = JSON.stringify([device.tenant, device.device_id]);
    const other = devices.get(key);
    devices.set(key, other ? mergedDevice(other, device) : device);
  }
  return [...devices.values()];
}

function replyOf({ Events }: EventBatch, kept: number, accepted: number): IngestReply {
  const ids = new Set(Events.map(({ EventId }) => EventId));
  const refused = ids.size - kept;
  return { Accepted: accepted, Duplicates: Events.length - accepted - refused, Refused: refused };
}
