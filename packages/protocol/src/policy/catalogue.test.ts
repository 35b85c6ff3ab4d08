import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { policyNameOf, policyNames, policySpec } from './catalogue.ts';
import { checkPolicyValue } from './check-value.ts';
import type { PolicySpec, PolicyValue } from './policy-spec.ts';
import { type PolicyProvider, policyProviders } from './providers.ts';
import { type PolicyLayer, resolvePolicies } from './resolve.ts';

/** Every name of policies.md §2, so that none gets lost. */
const documented = [
  'DODownloadMode',
  'DOGroupId',
  'DOGroupIdSource',
  'DORestrictPeerSelectionBy',
  'DOMinRAMAllowedToPeer',
  'DOMinDiskSizeAllowedToPeer',
  'DOMinFileSizeToCache',
  'DOMinBatteryPercentageAllowedToUpload',
  'DOAllowVPNPeerCaching',
  'DOVpnKeywords',
  'DODisallowCacheServerDownloadsOnVPN',
  'DOMaxCacheAge',
  'DOMaxCacheSize',
  'DOAbsoluteMaxCacheSize',
  'DOModifyCacheDrive',
  'DOMonthlyUploadDataCap',
  'DOMinBackgroundQos',
  'DOPercentageMaxBackgroundBandwidth',
  'DOPercentageMaxForegroundBandwidth',
  'DOMaxBackgroundDownloadBandwidth',
  'DOMaxForegroundDownloadBandwidth',
  'DOSetHoursToLimitBackgroundDownloadBandwidth',
  'DOSetHoursToLimitForegroundDownloadBandwidth',
  'DODelayBackgroundDownloadFromHttp',
  'DODelayForegroundDownloadFromHttp',
  'DODelayCacheServerFallbackBackground',
  'DODelayCacheServerFallbackForeground',
  'DOCacheHost',
  'DOCacheHostSource',
  'DOMaxDownloadBandwidth',
  'DOPercentageMaxDownloadBandwidth',
  'DOMaxUploadBandwidth',
];

const ours = ['SluiceEvents', 'SluiceEventsFilePaths', 'SluiceEventsDeviceName'];

/** Values that a setting takes, and some that it does not. */
function samples({ form }: PolicySpec): { right: PolicyValue[]; wrong: unknown[] } {
  const guid = '01234567-89ab-cdef-0123-456789abcdef';
  const hours = { From: 8, To: 17, In: 10, Out: 0 };
  switch (form.kind) {
    case 'integer':
      return {
        right: [form.min, form.max],
        wrong: [form.min - 1, form.max + 1, 1.5, Number.NaN, 'many', '', '1e3', '0x1', {}, []],
      };
    case 'choice': {
      const right = Object.keys(form.choices).map(Number);
      return { right, wrong: [Math.max(...right) + 1, -1, 'none', 0.5] };
    }
    case 'guid':
      return { right: [guid, guid.toUpperCase()], wrong: ['x', guid.slice(1), 5, `${guid}0`] };
    case 'text':
      return { right: ['', 'a,b'], wrong: [5, 'x'.repeat(4_097), 'a\0b', {}] };
    case 'hosts':
      return {
        right: ['', 'a', 'a,b:80,[::1]:90'],
        wrong: [5, 'a b', 'http://a', 'a/b', 'x'.repeat(301), Array(17).fill('a').join(',')],
      };
    case 'hours':
      return {
        right: [hours, { ...hours, From: 23, To: 0 }],
        wrong: [{}, { ...hours, From: 24 }, { ...hours, In: 101 }, 'From=8', { ...hours, X: 1 }, 8],
      };
  }
}

test('the catalogue has every documented setting, and no other', () => {
  assert.deepEqual([...policyNames].sort(), [...documented, ...ours].sort());
});

test('what has no effect says so, with the reason', () => {
  for (const name of policyNames) {
    const spec = policySpec(name);
    assert.ok(spec.about.length > 10 && /^§\d+$/.test(spec.source), name);
    if (spec.state === 'acts') assert.notEqual(spec.holds, 'never', name);
    else assert.ok(spec.holds === 'never' && spec.note, name);
  }
});

for (const name of policyNames) {
  const spec = policySpec(name);
  const { right, wrong } = samples(spec);

  suite(name, () => {
    test('its range, from its first value to its last, and its default', () => {
      for (const value of right) assert.deepEqual(checkPolicyValue(spec, value), { value });
      for (const value of wrong) {
        const checked = checkPolicyValue(spec, value);
        assert.ok('reason' in checked && checked.reason.length < 400, JSON.stringify(value));
      }
      if (spec.default === undefined) return;
      assert.deepEqual(checkPolicyValue(spec, spec.default), { value: spec.default });
    });

    test('numbers also as text, names in any case', () => {
      assert.equal(policyNameOf(name.toUpperCase()), name);
      const [first] = right;
      if (typeof first !== 'number') return;
      assert.deepEqual(checkPolicyValue(spec, ` ${first} `), { value: first });
    });

    test('each provider’s value comes before those below it, and says where it is from', () => {
      const [value, other = value] = right;
      const layer = (provider: PolicyProvider, v: unknown): PolicyLayer => ({
        provider,
        origin: `from ${provider}`,
        values: { [name]: v },
      });
      const settable = policyProviders.filter((p) => p !== 'Default');
      for (const [i, provider] of settable.entries()) {
        const below = settable.slice(i + 1).map((p) => layer(p, other));
        const resolved = resolvePolicies([...below, layer(provider, value)]);
        assert.deepEqual(resolved.settings[name], value);
        assert.deepEqual(resolved.sources[name], { provider, origin: `from ${provider}` });
        assert.deepEqual(resolved.problems, []);
      }
    });

    test('a wrong value is told, and the next provider’s holds; at last the default', () => {
      const bad = { provider: 'GroupPolicy', origin: 'gp', values: { [name]: wrong[0] } } as const;
      const good = {
        provider: 'ConfigFile',
        origin: 'file',
        values: { [name]: right[0] },
      } as const;
      const resolved = resolvePolicies([good, bad]);
      assert.deepEqual(resolved.settings[name], right[0]);
      assert.equal(resolved.sources[name].origin, 'file');
      const [problem, ...rest] = resolved.problems;
      assert.deepEqual([problem?.provider, problem?.name, rest], ['GroupPolicy', name, []]);
      assert.ok(problem?.reason);
      const alone = resolvePolicies([bad]);
      assert.deepEqual(alone.settings[name], spec.default);
      assert.equal(alone.sources[name].provider, 'Default');
    });
  });
}
