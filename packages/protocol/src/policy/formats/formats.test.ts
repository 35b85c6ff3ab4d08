import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { isSluiceError } from '../../errors/index.ts';
import { resolvePolicies } from '../resolve.ts';
import { parsePolicyFile } from './parse-policy-file.ts';
import { type PolEntry, registryPol } from './registry-pol.test-kit.ts';
import { groupPolicyKey } from './registry-pol.ts';

const read = (text: string) => parsePolicyFile(Buffer.from(text), 'file').values;
const dword = (name: string, value: number): PolEntry => ({ name, type: 4, data: value });
const hoursName = 'DOSetHoursToLimitBackgroundDownloadBandwidth';
const hours = { From: 8, To: 17, In: 10, Out: 0 };

suite('Registry.pol', () => {
  test('settings of the key, whatever its case; other keys are passed over', () => {
    const bytes = registryPol([
      dword('DODownloadMode', 2),
      { name: 'DOGroupId', type: 1, data: '01234567-89ab-cdef-0123-456789abcdef' },
      { ...dword('DODownloadMode', 3), key: 'SOFTWARE\\Other' },
      { ...dword('DOMinRAMAllowedToPeer', 8), key: groupPolicyKey.toLowerCase() },
    ]);
    const file = parsePolicyFile(bytes, 'Registry.pol');
    assert.deepEqual(
      [file.format, file.provider, file.isWhole],
      ['Registry.pol', 'GroupPolicy', true],
    );
    assert.deepEqual(file.values, {
      DODownloadMode: 2,
      DOGroupId: '01234567-89ab-cdef-0123-456789abcdef',
      DOMinRAMAllowedToPeer: 8,
    });
  });

  test('deletions, and a later value in place of an earlier one', () => {
    const bytes = registryPol([
      dword('DODownloadMode', 2),
      { name: '**del.DODownloadMode', type: 1, data: ' ' },
      dword('DOMaxCacheAge', 1),
      dword('DOMaxCacheAge', 2),
    ]);
    assert.deepEqual(parsePolicyFile(bytes, 'f').values, { DOMaxCacheAge: 2 });
    const cleared = registryPol([
      dword('DOMaxCacheAge', 1),
      { name: '**DelVals.', type: 1, data: '' },
    ]);
    assert.deepEqual(parsePolicyFile(cleared, 'f').values, {});
  });

  test('business hours are one setting', () => {
    const parts = Object.entries(hours).map(([part, value]) =>
      dword(`${hoursName}_${part}`, value),
    );
    assert.deepEqual(parsePolicyFile(registryPol(parts), 'f').values, { [hoursName]: hours });
  });

  test('bytes that are none, cut off anywhere or changed: PolicyFileInvalid, or values that are checked', () => {
    const whole = registryPol([dword('DODownloadMode', 2), dword('DOMaxCacheAge', 3)]);
    const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })));
    fc.assert(
      fc.property(fc.nat(whole.length), flips, (length, changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        try {
          const { values, provider } = parsePolicyFile(bytes.subarray(0, length), 'f');
          resolvePolicies([{ provider, origin: 'f', values }]);
        } catch (error) {
          assert.ok(isSluiceError(error, 'PolicyFileInvalid'), String(error));
        }
      }),
    );
  });
});

suite('SyncML', () => {
  const uri = './Device/Vendor/MSFT/Policy/Config/DeliveryOptimization';
  const item = (command: string, name: string, data = '') =>
    `<${command}><Item><Target><LocURI>${uri}/${name}</LocURI></Target><Data>${data}</Data></Item></${command}>`;
  const syncMl = (...items: string[]) =>
    `<?xml version="1.0"?><!-- x --><SyncML xmlns="SYNCML:SYNCML1.2"><SyncBody>${items.join('')}</SyncBody></SyncML>`;

  test('Add and Replace set, Delete takes away, other settings are passed over', () => {
    const text = syncMl(
      item('Add', 'DODownloadMode', '2'),
      item('Replace', 'DOVpnKeywords', 'a&amp;b&#44;c'),
      item('Delete', 'DOGroupId'),
      item('Get', 'DOMaxCacheAge', '5'),
      item('Add', '../Update/X', '5'),
    );
    const file = parsePolicyFile(Buffer.from(text), 'f');
    assert.deepEqual([file.format, file.provider, file.isWhole], ['SyncML', 'Mdm', false]);
    assert.deepEqual(file.values, { DODownloadMode: '2', DOVpnKeywords: 'a&b,c', DOGroupId: null });
  });

  test('business hours, in CDATA or escaped; disabled is not set', () => {
    const parts = Object.entries(hours)
      .map(
        ([part, v]) =>
          `<data id="SetHoursToLimitBackgroundDownloadBandwidth${part}" value="${v}"/>`,
      )
      .join('');
    const payload = `<enabled/>${parts}`;
    const escaped = payload
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;');
    for (const data of [`<![CDATA[${payload}]]>`, escaped]) {
      const values = read(syncMl(item('Replace', hoursName, data)));
      const { settings } = resolvePolicies([{ provider: 'Mdm', origin: '', values }]);
      assert.deepEqual(settings[hoursName], hours);
    }
    assert.deepEqual(read(syncMl(item('Replace', hoursName, '<![CDATA[<disabled/>]]>'))), {
      [hoursName]: null,
    });
  });

  test('half a file is refused, and XML that is no SyncML: nothing would be taken of it', () => {
    const whole = syncMl(item('Add', 'DODownloadMode', '2'), item('Delete', 'DOGroupId'));
    const tail = '</SyncBody></SyncML>';
    for (const text of [
      whole.slice(0, -tail.length),
      whole.slice(0, whole.indexOf('<Delete>')),
      whole.replace('</Item>', ''),
      `${whole}</x>`,
      '<html><body>Sign in</body></html>',
    ]) {
      assert.throws(
        () => read(text),
        (e) => isSluiceError(e, 'PolicyFileInvalid'),
        text,
      );
    }
  });

  test('what is no XML is refused; nothing takes long', () => {
    for (const text of ['<a', '<![CDATA[', '<!--', '<a><b "']) {
      assert.throws(
        () => read(text),
        (e) => isSluiceError(e, 'PolicyFileInvalid'),
      );
    }
    const startedAt = performance.now();
    for (const text of [`<a>${'<b "'.repeat(200_000)}>`, '<a>'.repeat(300_000)]) {
      assert.throws(() => read(text));
    }
    assert.ok(performance.now() - startedAt < 5_000);
  });
});

suite('JSON of Intune and Graph', () => {
  test('a Delivery Optimization profile, with its own units and words', () => {
    const values = read(
      JSON.stringify({
        '@odata.type': '#microsoft.graph.windowsDeliveryOptimizationConfiguration',
        deliveryOptimizationMode: 'httpWithPeeringPrivateGroup',
        restrictPeerSelectionBy: 'subnetMask',
        vpnPeerCaching: 'notConfigured',
        groupIdSource: { groupIdSourceOption: 'dnsSuffix' },
        maximumCacheAgeInDays: 7,
        maximumCacheSize: { maximumCacheSizeInGigabytes: 30 },
        cacheServerHostNames: ['a', 'b'],
        backgroundDownloadFromHttpDelayInSeconds: 60,
        minimumRamAllowedToPeerInGigabytes: null,
        bandwidthMode: {
          bandwidthBackgroundPercentageHours: {
            bandwidthBeginBusinessHours: 8,
            bandwidthEndBusinessHours: 17,
            bandwidthPercentageDuringBusinessHours: 10,
            bandwidthPercentageOutsideBusinessHours: 0,
          },
        },
      }),
    );
    assert.deepEqual(values, {
      DODownloadMode: 2,
      DORestrictPeerSelectionBy: 1,
      DOGroupIdSource: 4,
      DOMaxCacheAge: 604_800,
      DOAbsoluteMaxCacheSize: 30,
      DOCacheHost: ['a', 'b'],
      DODelayBackgroundDownloadFromHttp: 60,
      [hoursName]: hours,
    });
    const { settings, problems } = resolvePolicies([{ provider: 'Mdm', origin: '', values }]);
    assert.deepEqual([settings.DOCacheHost, problems], ['a,b', []]);
  });

  test('a custom profile and a settings catalog policy', () => {
    const omaUri = './Device/Vendor/MSFT/Policy/Config/DeliveryOptimization/DODownloadMode';
    assert.deepEqual(
      read(JSON.stringify({ omaSettings: [{ omaUri, value: 3 }, { omaUri: 'x' }] })),
      {
        DODownloadMode: 3,
      },
    );
    const id = 'device_vendor_msft_policy_config_deliveryoptimization_';
    const simple = (name: string, value: number) => ({
      settingDefinitionId: id + name,
      simpleSettingValue: { value },
    });
    const element = `${hoursName}_SetHoursToLimitBackgroundDownloadBandwidth`.toLowerCase();
    const settings = [
      {
        settingInstance: {
          settingDefinitionId: `${id}dodownloadmode`,
          choiceSettingValue: { value: `${id}dodownloadmode_1`, children: [] },
        },
      },
      { settingInstance: simple('domaxcacheage', 5) },
      {
        settingInstance: {
          settingDefinitionId: id + hoursName.toLowerCase(),
          choiceSettingValue: {
            value: `${id + hoursName.toLowerCase()}_1`,
            children: Object.entries(hours).map(([part, value]) =>
              simple(element + part.toLowerCase(), value),
            ),
          },
        },
      },
    ];
    const values = read(JSON.stringify({ settings }));
    const resolved = resolvePolicies([{ provider: 'Mdm', origin: '', values }]);
    assert.deepEqual(resolved.problems, []);
    assert.equal(resolved.settings.DODownloadMode, 1);
    assert.equal(resolved.settings.DOMaxCacheAge, 5);
    assert.deepEqual(resolved.settings[hoursName], hours);
  });

  test('an object by name; no JSON is refused', () => {
    assert.deepEqual(read('{"$schema":"x","DODownloadMode":0}'), { DODownloadMode: 0 });
    for (const text of ['', '[]', '5', '{']) {
      assert.throws(
        () => read(text),
        (e) => isSluiceError(e, 'PolicyFileInvalid'),
      );
    }
  });

  test('any bytes: PolicyFileInvalid, or values', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)), (bytes) => {
        try {
          parsePolicyFile(bytes as Uint8Array, 'f');
        } catch (error) {
          assert.ok(isSluiceError(error, 'PolicyFileInvalid'), String(error));
        }
      }),
    );
  });
});
