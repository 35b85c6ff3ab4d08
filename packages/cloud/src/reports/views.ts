import { createHash } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { EventTables } from '../events/tables.ts';
import type { Column } from './column.ts';
import { deviceConfiguration, deviceConfigurationColumns } from './devices.ts';
import type { Scope } from './scope.ts';
import { ucdoAggregatedStatus, ucdoAggregatedStatusColumns } from './ucdo-aggregated-status.ts';
import { ucdoStatus, ucdoStatusColumns } from './ucdo-status.ts';
import * as volumes from './volumes.ts';

/** Of clouds that start together one makes the views. */
const viewLock = 0x51d1d3;

/** The last 28 days, today included. */
const today = sql.raw('CAST(floor(extract(epoch FROM now()) / 86400) AS integer)');
const window: Scope = { from: sql`(${today} - 27)`, to: today, tenant: undefined };
const now = sql.raw('CAST(floor(extract(epoch FROM now()) * 1000) AS bigint)');
/** All that is kept. */
const always: Scope = { ...window, from: sql`0` };

interface View {
  columns: Column[];
  query: RawBuilder<unknown>;
}

const efficiencyView = (by: volumes.EfficiencyKey): View => ({
  columns: volumes.efficiencyColumns(by),
  query: volumes.efficiency(by, window),
});

/** The views of PostgreSQL for Grafana and the like (docs/reports.md), of all tenants. */
const views: Record<string, View> = {
  ucdo_status: { columns: ucdoStatusColumns, query: ucdoStatus(window, now) },
  ucdo_aggregated_status: {
    columns: ucdoAggregatedStatusColumns,
    query: ucdoAggregatedStatus(window, now),
  },
  volume_by_day: { columns: volumes.volumeByDayColumns, query: volumes.volumeByDay(always) },
  efficiency_by_content_type: efficiencyView('contentType'),
  efficiency_by_group: efficiencyView('group'),
  efficiency_by_site: efficiencyView('site'),
  efficiency_by_city: efficiencyView('city'),
  efficiency_by_country: efficiencyView('country'),
  efficiency_by_isp: efficiencyView('isp'),
  device_configuration: {
    columns: deviceConfigurationColumns,
    query: deviceConfiguration(window),
  },
};

/** Makes the views, and anew those whose definition is another since. */
export async function makeViews(db: Kysely<EventTables>): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(${viewLock})`.execute(tx);
    for (const [name, view] of Object.entries(views)) {
      const definition = sql`SELECT ${shown(view.columns)} FROM (${view.query}) report`;
      const { sql: text } = definition.compile(tx);
      const mark = createHash('sha256').update(text).digest('hex');
      if ((await markOf(tx, name)) === mark) continue;
      await sql`DROP VIEW IF EXISTS ${sql.table(name)}`.execute(tx);
      await sql`CREATE VIEW ${sql.table(name)} AS ${definition}`.execute(tx);
      await sql`COMMENT ON VIEW ${sql.table(name)} IS ${sql.lit(mark)}`.execute(tx);
    }
  });
}

async function markOf(db: Kysely<EventTables>, name: string): Promise<string | null> {
  const { rows } = await sql<{ mark: string | null }>`
    SELECT obj_description(to_regclass(${name})::oid, 'pg_class') AS mark`.execute(db);
  return rows[0]!.mark;
}

/** Times and days as PostgreSQL has them. */
function shown(columns: readonly Column[]): RawBuilder<unknown> {
  const texts = columns.map(({ name, type }) => {
    if (type === 'time') return `to_timestamp("${name}" / 1000.0) AS "${name}"`;
    if (type === 'day') return `to_timestamp("${name}" * 86400.0) AS "${name}"`;
    return `"${name}"`;
  });
  return sql.raw(texts.join(', '));
}
