import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rollout } from '@sluice/protocol';
import { rolloutPercentAt } from '@sluice/protocol/policy';
import fc from 'fast-check';
import { startCloud } from '../cloud.test-support.ts';
import { placeOf } from './ring.ts';

const half = (Name: string): Rollout => ({
  ...{ Name, Kind: 'Default', Stages: [{ Percent: 50 }] },
  Variants: [
    { Name: 'a', Weight: 1, Settings: {} },
    { Name: 'b', Weight: 3, Settings: {} },
    { Name: 'never', Weight: 0, Settings: {} },
  ],
});
const devices = Array.from({ length: 4_000 }, (_, i) => i.toString(16).padStart(40, '0'));

test('property: who is in stays in as the percentage grows, with the same variant', () => {
  const percent = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.string(), percent, percent, (device, one, other) => {
      const at = (Percent: number) => placeOf({ ...half('r'), Stages: [{ Percent }] }, device, 0);
      const [few, many] = [at(Math.min(one, other)), at(Math.max(one, other))];
      assert.ok(!few.isIn || many.isIn);
      assert.deepEqual([few.bucket, few.variant], [many.bucket, many.variant]);
      assert.equal(at(0).isIn, false);
      assert.equal(at(100).isIn, true);
    }),
  );
});

test('rings have their share of devices, independent of other rollouts and of the variant', () => {
  const share = (of: (device: string) => boolean) => devices.filter(of).length / devices.length;
  const isIn = (name: string) => (d: string) => placeOf(half(name), d, 0).isIn;
  const isB = (d: string) => placeOf(half('x'), d, 0).variant === 'b';
  // Four standard deviations of 4,000 draws are less than 0.032.
  for (const [found, expected] of [
    [share(isIn('x')), 0.5],
    [share(isIn('y')), 0.5],
    [share((d) => isIn('x')(d) && isIn('y')(d)), 0.25],
    [share(isB), 0.75],
    [share((d) => isB(d) && isIn('x')(d)), 0.375],
  ] as const) {
    assert.ok(Math.abs(found - expected) < 0.032, `${found} for ${expected}`);
  }
  assert.equal(
    share((d) => placeOf(half('x'), d, 0).variant === 'never'),
    0,
  );
  // A device keeps its place over versions of the cloud.
  assert.equal(Math.floor(placeOf(half('x'), devices[1]!, 0).bucket), 46);
});

test('stages follow the time, in whatever order they are written', () => {
  const at = (s: number) => new Date(s).toISOString();
  const Stages = [{ At: at(20), Percent: 30 }, { Percent: 1 }, { At: at(10), Percent: 0 }];
  const rollout = { ...half('x'), Stages };
  assert.deepEqual(
    [9, 10, 19, 20].map((now) => rolloutPercentAt(rollout, now)),
    [1, 0, 0, 30],
  );
  const paused = { ...rollout, PausedAt: at(15) };
  assert.deepEqual(
    [9, 10, 15, 20, 99].map((now) => rolloutPercentAt(paused, now)),
    [1, 0, 0, 0, 0],
  );
});

test('a device is told what is rolled out to it, and an admin why', async (t) => {
  const { ask, admin, clock } = await startCloud(t);
  const Default = { DOMaxCacheAge: 7, DOMinRAMAllowedToPeer: 2 };
  await admin('/admin/settings', {
    method: 'PATCH',
    body: { Default, Forced: { DODownloadMode: 1 } },
  });
  const set = (Rollouts: unknown) =>
    admin('/admin/rollouts', { method: 'PUT', body: { Rollouts } });
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const rollouts = [
    {
      ...half('ages'),
      Variants: [
        { Name: 'all', Weight: 1, Settings: { domaxcacheage: '9', DOMinRAMAllowedToPeer: null } },
      ],
    },
    {
      ...{ Name: 'mode', Kind: 'Forced', Stages: [{ Percent: 0 }, { At: soon, Percent: 100 }] },
      Variants: [{ Name: 'v', Weight: 1, Settings: { DODownloadMode: 2 } }],
    },
  ];
  assert.equal((await set(rollouts)).status, 200);
  const [inside, outside] = [true, false].map(
    (isIn) => devices.find((d) => placeOf(half('ages'), d, 0).isIn === isIn)!,
  );
  const told = async (device?: string) => (await ask(`/all?deviceId=${device ?? ''}`)).json;
  const one = await told(inside);
  assert.deepEqual(
    [one.DOMaxCacheAge, one.DOMinRAMAllowedToPeer, one.DODownloadMode],
    [9, undefined, 1],
  );
  assert.deepEqual([(await told(outside)).DOMaxCacheAge, (await told()).DOMaxCacheAge], [7, 7]);
  assert.equal((await ask(`/geo?deviceId=${inside}`)).json.KeyValue.DOMaxCacheAge, 9);
  const { json } = await admin(`/admin/settings/effective?device=${inside}`);
  assert.deepEqual(json.Settings, [
    { Name: 'DODownloadMode', Value: 1, Kind: 'Forced', Rollout: null, Variant: null },
    { Name: 'DOMaxCacheAge', Value: 9, Kind: 'Default', Rollout: 'ages', Variant: 'all' },
  ]);
  assert.deepEqual(
    json.Rollouts.map((r: { IsIn: boolean; Percent: number }) => [r.IsIn, r.Percent]),
    [
      [true, 50],
      [false, 0],
    ],
  );
  clock.advance(3_700_000);
  const later = await told();
  assert.deepEqual([later.DODownloadMode, later.Sluice_ForcedSettings], [2, ['DODownloadMode']]);
  const wrong = {
    ...half('x'),
    Variants: [{ Name: 'v', Weight: 1, Settings: { DODownloadMode: 7 } }],
  };
  for (const bad of [[wrong], [half('x'), half('x')], [{ ...half('x'), Stages: [] }], [{}]]) {
    assert.equal((await set(bad)).status, 400);
  }
  assert.equal((await admin('/admin/rollouts')).json.Rollouts.length, 2);
});

test('a rollout is paused when the cloud is told so, by the clock of the cloud', async (t) => {
  const { admin, clock } = await startCloud(t);
  const paused = async (PausedAt?: string) => {
    const Rollouts = [{ ...half('x'), ...(PausedAt !== undefined && { PausedAt }) }];
    const { status, json } = await admin('/admin/rollouts', { method: 'PUT', body: { Rollouts } });
    return status === 200 ? json.Rollouts[0].PausedAt : status;
  };
  const [early, late] = ['2001-01-01T00:00:00Z', '2999-01-01T00:00:00Z'];
  const since = await paused(late);
  assert.ok(Date.parse(since) <= Date.now());
  clock.advance(60_000);
  assert.equal(await paused(early), since, 'it was paused');
  assert.equal(await paused(), undefined);
  assert.equal(Date.parse(await paused(early)), Date.parse(since) + 60_000);
  assert.equal(await paused('now'), 400);
});
