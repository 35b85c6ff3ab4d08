import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { member } from '../registry-members.test-support.ts';
import { Renewals, type Renewing } from './renewals.ts';

test('nothing is kept of what the store was told', async () => {
  const store = { sluiceRenew: async () => [] } as unknown as Renewing;
  const renewals = new Renewals(
    store,
    new ManualClock(),
    () => 0,
    async () => {},
  );
  const renewal = { swarmId: 'a', tag: 'x', madeAt: '0', member: member(1), record: '' };
  renewals.add({ ...renewal, keepAliveMs: 1, stretch: 1, at: 0 });
  assert.equal(await renewals.flush(), undefined);
});
