import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { pino } from 'pino';
import { temporaryFolder } from '../store/store-fixture.ts';
import { JobDesk } from './job-desk.ts';

test('a user who makes jobs without an end keeps nobody else from making some', async (t) => {
  await using desk = await JobDesk.open({
    agent: { download: () => assert.fail('nothing is started') },
    dataDir: await temporaryFolder(t),
    hasNetwork: () => true,
    clock: new ManualClock(),
    logger: pino({ level: 'silent' }),
    maxJobsOfUser: 2,
  });
  const make = (name: string, isAdmin = false) => desk.create({ name, isAdmin }, {});
  const first = await make('uid 1');
  await make('uid 1');
  await assert.rejects(make('uid 1'), { code: 'JobTooMany', params: { limit: 2 } });
  await make('uid 2');
  for (let i = 0; i < 3; i++) await make('administrator', true);
  await desk.end(first, 'abort');
  await make('uid 1');
});
