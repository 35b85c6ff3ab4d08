import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { defaultSettings } from '@sluice/protocol/policy';
import type { CacheHostFinder } from '../cache-hosts/cache-host-finder.ts';
import { type PlanDefaults, planContent, planWithoutCloud } from './content-plan.ts';

const found = { hosts: ['10.0.0.7:80'], needProof: true };
const request = { Url: 'http://source/file', Output: '/out' };
const trusted = { HashOfHashes: 'bLR+YkW147Gf10YSrQ6lgW3AC9E1aDesK3TaSr0DHJA=', ContentId: 'c' };

const find: CacheHostFinder['find'] = async (_asked, _geo, canVerify = true) =>
  canVerify ? found : { hosts: [] };

function defaults(known: typeof trusted | undefined): PlanDefaults {
  return {
    cloud: undefined,
    signatures: undefined,
    findsLocally: false,
    cacheHosts: { find } as unknown as CacheHostFinder,
    scope: {
      ...{ mode: 'Lan', by: 'setting', groupId: undefined, setBy: undefined },
      plannedWith: defaultSettings,
    },
    trusted: known,
  };
}

test('a cache node that the local network named is for what can be verified only', async () => {
  const plan = (known: typeof trusted | undefined) =>
    planContent(request, defaults(known), new ManualClock(), new AbortController().signal);
  assert.deepEqual((await plan(trusted)).cacheHosts, found.hosts);
  assert.deepEqual((await plan(undefined)).cacheHosts, []);
  assert.deepEqual((await planWithoutCloud(request, defaults(undefined))).cacheHosts, []);
});
