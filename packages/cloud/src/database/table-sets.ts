import { migrations as audit } from '../admin/audit/tables.ts';
import { migrations as admin } from '../admin/users/tables.ts';
import { alarmTables } from '../alarms/alarms.ts';
import { migrations as cacheNodes } from '../cache-nodes/tables.ts';
import { migrations as catalogue } from '../catalogue/migrations.ts';
import { instanceTables } from '../discovery/array-instances.ts';
import { eventMigrations } from '../events/migrations.ts';
import { hashLogTables } from '../hash-log/tables.ts';
import { migrations as identity } from '../identity/tables.ts';
import { ingestTables } from '../ingest/tables.ts';
import { documentTables } from '../settings/settings-text.ts';
import type { TableSet } from './database.ts';

/**
 * All sets of tables that the stores of a cloud open; `upkeep.test.ts` holds it to them.
 * @param shared whether of clouds that share a database
 */
export function tableSets(shared: boolean): TableSet[] {
  return [
    { name: 'catalogue', migrations: catalogue },
    { name: 'cache-nodes', migrations: cacheNodes },
    { name: 'events', migrations: eventMigrations(shared) },
    { name: 'identity', migrations: identity },
    { name: 'admin', migrations: admin },
    { name: 'audit', migrations: audit },
    ...[alarmTables, hashLogTables, ingestTables, instanceTables],
    // Alone it has files.
    ...(shared ? [documentTables] : []),
  ];
}
