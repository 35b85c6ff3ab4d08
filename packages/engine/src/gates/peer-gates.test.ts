import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type GivenSettings, readSettings } from '@sluice/protocol/policy';
import fc from 'fast-check';
import { type HostFacts, unknownHost } from './host-facts.ts';
import { downloadRefusals, uploadRefusals } from './peer-gates.ts';
import { type PeerClass, peerClasses } from './refusal.ts';

const mb = 1024 ** 2;
const gb = 1024 ** 3;

/** A device that passes every gate by a hair, and the file, too. */
const fit: HostFacts = {
  ramBytes: 4 * gb,
  diskBytes: 32 * gb,
  battery: undefined,
  adapters: ['eth0'],
};

interface Case {
  set?: GivenSettings;
  host?: Partial<HostFacts>;
  fileSize?: number;
  mode?: 'CdnOnly' | 'Lan' | 'Group' | 'Internet' | 'Simple';
  sentThisMonth?: number;
}

function ask({ set, host, mode = 'Lan', fileSize = 50 * mb, sentThisMonth = 0 }: Case) {
  const settings = readSettings(set);
  const question = { settings, host: { ...fit, ...host }, mode, fileSize };
  const rules = (refusals: { rule: string }[]) => refusals.map((r) => r.rule);
  const upload = (peerClass: PeerClass) =>
    rules(uploadRefusals({ ...question, peerClass, sentThisMonth }));
  return {
    download: rules(downloadRefusals(question)),
    lan: upload('Lan'),
    linkLocal: upload('LinkLocal'),
    group: upload('Group'),
    internet: upload('Internet'),
  };
}

const open = { download: [], lan: [], linkLocal: [], group: [], internet: [] };

function closed(rule: string) {
  return { download: [rule], lan: [rule], linkLocal: [rule], group: [rule], internet: [rule] };
}

/** No upload on battery. */
const battery = 'DOMinBatteryPercentageAllowedToUpload';
const noUpload = { ...closed(battery), download: [] };
const farUpload = { ...open, internet: [battery] };
const onBattery = (percent: number | undefined) => ({ battery: { onMains: false, percent } });

// policies.md §6 and the vectors of tests-and-faq.md §9.
const cases: [name: string, given: Case, expected: typeof open | ReturnType<typeof closed>][] = [
  ['everything just enough', {}, open],
  ['mode HTTP only', { mode: 'CdnOnly' }, closed('DODownloadMode')],
  ['simple mode', { mode: 'Simple' }, closed('DODownloadMode')],
  ['group mode', { mode: 'Group' }, open],
  ['Internet mode', { mode: 'Internet' }, open],
  ['RAM exactly 4 GB is allowed', { host: { ramBytes: 4 * gb } }, open],
  ['a byte less is not', { host: { ramBytes: 4 * gb - 1 } }, closed('DOMinRAMAllowedToPeer')],
  ['unless less is asked for', { set: { DOMinRAMAllowedToPeer: 1 }, host: { ramBytes: gb } }, open],
  ['or nothing', { set: { DOMinRAMAllowedToPeer: 0 }, host: { ramBytes: 1 } }, open],
  ['a disk of 32 GB is allowed', { host: { diskBytes: 32 * gb } }, open],
  ['a smaller one is not', { host: { diskBytes: 31 * gb } }, closed('DOMinDiskSizeAllowedToPeer')],
  ['a file of 50 MB', { fileSize: 50 * mb }, open],
  ['a file of 49 MB', { fileSize: 49 * mb }, closed('DOMinFileSizeToCache')],
  [
    'below 10 MB the setting alone decides',
    { set: { DOMinFileSizeToCache: 1 }, fileSize: mb },
    open,
  ],
  ['39 % with policy 40: no upload', { set: { [battery]: 40 }, host: onBattery(39) }, noUpload],
  [
    '40 % with policy 40: LAN and Group',
    { set: { [battery]: 40 }, host: onBattery(40) },
    farUpload,
  ],
  ['full battery, policy not set: never', { host: onBattery(100) }, noUpload],
  ['on mains with an empty battery', { host: { battery: { onMains: true, percent: 1 } } }, open],
  ['charge unknown, policy 40', { set: { [battery]: 40 }, host: onBattery(undefined) }, farUpload],
  ['VPN by name', { host: { adapters: ['eth0', 'MSFTVPN'] } }, closed('DOAllowVPNPeerCaching')],
  ['… in any case', { host: { adapters: ['my secure line'] } }, closed('DOAllowVPNPeerCaching')],
  ['… allowed', { set: { DOAllowVPNPeerCaching: 1 }, host: { adapters: ['vpn0'] } }, open],
  [
    'VPN and peers of the own link only',
    { set: { DORestrictPeerSelectionBy: 2 }, host: { adapters: ['vpn0'] } },
    open,
  ],
  [
    'VPN and peers of the own subnet',
    { set: { DORestrictPeerSelectionBy: 1 }, host: { adapters: ['vpn0'] } },
    closed('DOAllowVPNPeerCaching'),
  ],
  [
    'VPN by a keyword that was set',
    { set: { DOVpnKeywords: 'zscaler, Corp Net' }, host: { adapters: ['The corp net adapter'] } },
    closed('DOAllowVPNPeerCaching'),
  ],
  [
    'keywords that are set do not take the place of the built-in ones',
    { set: { DOVpnKeywords: 'corp,,' }, host: { adapters: ['Virtual Private Network'] } },
    closed('DOAllowVPNPeerCaching'),
  ],
  ['month nearly full', { sentThisMonth: 20 * gb - 1 }, open],
  [
    'monthly cap reached',
    { sentThisMonth: 20 * gb },
    { ...open, internet: ['DOMonthlyUploadDataCap'] },
  ],
  ['no cap', { set: { DOMonthlyUploadDataCap: 0 }, sentThisMonth: 1e15 }, open],
];

suite('peer gates', () => {
  for (const [name, given, expected] of cases) {
    test(name, () => assert.deepEqual(ask(given), expected));
  }

  test('all that refuse are named, not the first', () => {
    const host = { ...onBattery(5), ramBytes: gb, diskBytes: gb, adapters: ['vpn0'] };
    assert.deepEqual(ask({ host, fileSize: mb, sentThisMonth: 20 * gb }).internet, [
      'DOMinRAMAllowedToPeer',
      'DOMinDiskSizeAllowedToPeer',
      'DOMinFileSizeToCache',
      'DOAllowVPNPeerCaching',
      'DOMinBatteryPercentageAllowedToUpload',
      'DOMonthlyUploadDataCap',
    ]);
  });

  test('a refusal says what is asked for, what is, and what would change it', () => {
    const host = { ...unknownHost, ramBytes: 4 * gb - 1 };
    assert.deepEqual(downloadRefusals({ settings: readSettings(), host, mode: 'Lan' }), [
      {
        rule: 'DOMinRAMAllowedToPeer',
        limit: 'at least 4 GB of memory',
        actual: '3.99 GB',
        affects: 'download',
        remedy: 'Set DOMinRAMAllowedToPeer lower, or fit more memory.',
      },
    ]);
  });

  test('what is unknown refuses nothing, whatever is set', () => {
    const integer = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(integer, integer, fc.constantFrom(...peerClasses), (n, percent, peerClass) => {
        const settings = readSettings({
          DOMinRAMAllowedToPeer: n,
          DOMinDiskSizeAllowedToPeer: n,
          DOMinFileSizeToCache: n,
          DOMinBatteryPercentageAllowedToUpload: percent,
        });
        const question = { settings, host: unknownHost, mode: 'Lan', sentThisMonth: 0 } as const;
        assert.deepEqual(uploadRefusals({ ...question, peerClass }), []);
      }),
    );
  });

  test('whoever may not get may not be got from', () => {
    fc.assert(
      fc.property(
        fc.nat(8 * gb),
        fc.nat(64 * gb),
        fc.nat(99 * mb),
        fc.constantFrom(...peerClasses),
        (ramBytes, diskBytes, fileSize, peerClass) => {
          const host = { ...fit, ramBytes, diskBytes };
          const question = { settings: readSettings(), host, fileSize, mode: 'Group' } as const;
          const rules = uploadRefusals({ ...question, peerClass, sentThisMonth: 0 });
          const named = new Set(rules.map((r) => r.rule));
          for (const { rule } of downloadRefusals(question)) assert.ok(named.has(rule));
        },
      ),
    );
  });
});
