import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultSettings, policyNames } from './catalogue.ts';
import { policyProviders } from './providers.ts';
import { resolvePolicies } from './resolve.ts';

test('nobody sets anything: the defaults', () => {
  const { settings, sources, problems } = resolvePolicies([]);
  assert.deepEqual(settings, defaultSettings);
  assert.deepEqual(sources.DODownloadMode, { provider: 'Default', origin: 'built in' });
  assert.deepEqual(problems, []);
});

test('an empty cache host is a value, null is none', () => {
  const layer = (DOCacheHost: unknown) =>
    ({ provider: 'Mdm', origin: 'm', values: { DOCacheHost } }) as const;
  assert.equal(resolvePolicies([layer('')]).settings.DOCacheHost, '');
  assert.equal(resolvePolicies([layer(null)]).settings.DOCacheHost, undefined);
});

test('of two places of one provider the first has it', () => {
  const layer = (origin: string, DODownloadMode: number) =>
    ({ provider: 'ConfigFile', origin, values: { DODownloadMode } }) as const;
  const { settings, sources } = resolvePolicies([layer('a', 0), layer('b', 3)]);
  assert.deepEqual([settings.DODownloadMode, sources.DODownloadMode.origin], [0, 'a']);
});

test('an unknown name, a name given twice and a place that cannot be read are told', () => {
  const values = { DONothing: 1, DODownloadMode: 0, dodownloadmode: 3 };
  const { problems, settings } = resolvePolicies([
    { provider: 'Mdm', origin: 'm', values },
    { provider: 'ConfigFile', origin: '/etc/x', values: {}, fault: 'not JSON' },
  ]);
  assert.equal(settings.DODownloadMode, 0);
  assert.deepEqual(
    problems.map(({ name, reason }) => [name, reason]),
    [
      ['DONothing', 'there is no such setting'],
      ['dodownloadmode', 'the same setting as DODownloadMode, given twice'],
      [undefined, 'not JSON'],
    ],
  );
});

test('whatever is given: all settings are right, and problems are few and short', () => {
  const names = fc.oneof(fc.constantFrom<string>(...policyNames), fc.string());
  const values = fc.dictionary(names, fc.anything({ withBigInt: false }), { maxKeys: 300 });
  const layer = fc.record({
    provider: fc.constantFrom(...policyProviders.slice(0, -1)),
    origin: fc.constant('x'),
    values,
  });
  fc.assert(
    fc.property(fc.array(layer, { maxLength: 4 }), (layers) => {
      const { settings, problems } = resolvePolicies(layers);
      assert.deepEqual(Object.keys(settings).sort(), [...policyNames].sort());
      const again = resolvePolicies([{ provider: 'Mdm', origin: '', values: settings }]);
      assert.deepEqual(again.settings, settings);
      assert.deepEqual(again.problems, []);
      assert.ok(problems.length <= 100);
      for (const { reason, name, value } of problems) {
        assert.ok(reason.length < 400 && (name?.length ?? 0) < 100 && (value?.length ?? 0) < 100);
      }
    }),
  );
});
