import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { sqliteDatabase } from '../database/sqlite-database.ts';
import { reportsContract } from './reports-contract.test-support.ts';

reportsContract('SQLite', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-reports-'));
  after(() => rm(dir, { recursive: true }));
  return sqliteDatabase(dir);
});
