import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { batchOf, completed } from '../events/event-fleet.test-support.ts';
import type { EventStore } from '../events/event-store.ts';
import { dayMs } from '../events/facts.ts';
import { deleteOld } from '../events/retention.ts';
import type { Row } from './column.ts';
import { type Ask, range, read, site1, site2, t0, today } from './fleet-of-three.test-support.ts';

export async function checkContents(ask: Ask): Promise<void> {
  const [c1] = await ask('contents');
  assert.deepEqual(c1, {
    ContentId: 'c1',
    ContentType: 'Quality Updates',
    ContentLength: 1_000,
    FirstStart: t0,
    DeviceCount: 3,
    CompletedCount: 3,
    // The second, third and third of three that end after 10, 22 and 44 s.
    TimeTo50PercentMs: 22_000,
    TimeTo95PercentMs: 44_000,
    TimeTo100PercentMs: 44_000,
    // F/d_min = 1,000/50; N·F/(u_s + Σu) = 3,000/(200 + 50 + 150) = 7.5 s is less.
    BoundMs: 20_000,
    BoundTerm: 'downlink',
    RatioToBound: 2.2,
    TotalBytes: 2_980,
    BytesFromCDN: 1_600,
    BytesFromCache: 100,
    BytesFromPeers: 1_150,
    BytesFromGroupPeers: 130,
    BytesFromIntPeers: 20,
    BWOptPercent: (100 * 1_380) / 2_980,
    DuplicateBytes: 10,
    DuplicatePercent: 1_000 / 2_980,
    SiteCount: 2,
    SourceCopies: 1.6,
    SourceCopiesPerSite: 0.8,
    TopReason: 'DOMinRAMAllowedToPeer',
    TopReasonCount: 5,
  });
  // F/u_s = 1,000/25
  const [slow] = await ask('contents', { content: 'c1', sourceRate: 25 });
  assert.deepEqual([slow?.BoundTerm, slow?.BoundMs, slow?.RatioToBound], ['source', 40_000, 1.1]);
  assert.deepEqual(
    (await ask('content-sites', { content: 'c1' })).map((s) => [
      s.Site,
      s.DeviceCount,
      s.SourceCopies,
    ]),
    [
      [site2, 1, 1],
      [site1, 2, 0.6],
    ],
  );
}

/** The views count from the day that the database has, long after that of the fleet. */
export async function checkViews({ db }: EventStore): Promise<void> {
  for (const view of ['ucdo_status', 'ucdo_aggregated_status', 'efficiency_by_group']) {
    assert.deepEqual((await sql`SELECT * FROM ${sql.table(view)}`.execute(db)).rows, [], view);
  }
  const { rows } = await sql<Row>`SELECT * FROM volume_by_day WHERE "Tenant" = 'other'`.execute(db);
  assert.deepEqual([rows[0]?.TotalBytes, rows[0]?.Day], [5, new Date(today * dayMs)]);
}

/** Nothing that a device says makes a sum overflow or a statement fail; what is old goes. */
export async function checkBounds(store: EventStore): Promise<void> {
  const most = Number.MAX_SAFE_INTEGER;
  const huge = Array.from({ length: 400 }, () =>
    completed(t0, 'half \ud800 a pair', { BytesFromCDN: most, TotalTimeMs: most, FileSize: most }),
  );
  const sender = { tenant: 'huge', deviceId: 'h', site: site1 };
  await store.ingest([{ batch: batchOf('h', huge), sender }], range);
  const [tiles] = await read(store, 'summary', { tenant: 'huge' });
  assert.equal(tiles?.TotalBytes, most);
  const ancient = [completed(0, 'c1'), completed(range.to, 'c1')];
  assert.deepEqual(await store.ingest([{ batch: batchOf('h', ancient), sender }], range), [
    { Accepted: 0, Duplicates: 0, Refused: 2 },
  ]);

  const eventDays = async () => {
    const rows = await store.db.selectFrom('event').select('day').distinct().execute();
    return rows.map(({ day }) => day).toSorted();
  };
  assert.equal((await eventDays()).length, 3);
  await deleteOld(store, { eventDays: 5, sumDays: 20 }, t0);
  assert.deepEqual(await eventDays(), [today]);
  assert.deepEqual(
    (await read(store, 'volume-by-day', {})).map((row) => row.Day),
    [today - 10, today],
  );
  await deleteOld(store, { eventDays: 5, sumDays: 5 }, t0);
  assert.deepEqual(
    (await read(store, 'volume-by-day', {})).map((row) => row.Day),
    [today],
  );
}
