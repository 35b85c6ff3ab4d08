import { after, before, describe } from 'node:test';
import { postgresDatabase } from '../database/postgres-database.ts';
import { reportsContract } from '../reports/reports-contract.test-support.ts';
import {
  noPostgres,
  type PostgresServer,
  startPostgres,
} from '../testing/postgres-server.test-support.ts';

describe('events in PostgreSQL', { skip: noPostgres }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  reportsContract('PostgreSQL', async () => postgresDatabase(await server.emptyDatabase()));
});
