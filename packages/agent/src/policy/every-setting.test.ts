/** Every setting: its default, its range, who set it, and what a change does to what runs. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { delaysOf, minBackgroundQos, type PeerClass } from '@sluice/engine';
import { ManualClock } from '@sluice/protocol';
import {
  defaultSettings,
  type GivenSettings,
  type PolicyName,
  type PolicySpec,
  type PolicyValue,
  policyNames,
  policySpec,
} from '@sluice/protocol/policy';
import { pino } from 'pino';
import type { Usage } from '../accounting/usage.ts';
import { OriginOpening } from '../download/origin-opening.ts';
import { UploadGate } from '../gates/upload-gate.ts';
import { FakeHost } from '../host/fake-host.test-kit.ts';
import { HostWatch } from '../host/host-watch.ts';
import { RateControl } from '../rate/rate-control.ts';
import type { Source } from '../source/index.ts';
import { CollectingSink } from '../source/testing/collecting-sink.ts';
import { LiveSettings } from './live-settings.ts';
import { LiveValue } from './live-value.ts';
import { TestSettings } from './test-settings.test-kit.ts';

const logger = pino({ level: 'silent' });
const never = new AbortController().signal;
const gb = 1024 ** 3;
const half = { From: 0, To: 0, In: 50, Out: 50 };

/** A source as far as limits look at it. */
const source = { kind: 'http', remote: { host: '192.0.2.1', port: 80 } } as Source;

/** A download of 1 MB/s runs, then this is set. @returns bytes/s from then on */
function rateAfter(values: GivenSettings, foreground: boolean): number {
  const clock = new ManualClock();
  const settings = new TestSettings();
  const probe = async () => ({ ms: 5, slackMs: 0 });
  const today = () => new Date(2026, 10, 26, 9, 0, 0, clock.now());
  const rates = new RateControl({ clock, today, settings, own: () => [], probe });
  const transfer = rates.forTransfer(new LiveValue(foreground));
  const { sink } = transfer.limit(source, 'http', new CollectingSink(), never);
  const run = (seconds: number) => {
    let bytes = 0;
    for (let ms = 0; ms < 1_000 * seconds; ms += 10) {
      clock.advance(10);
      const n = Math.min(10_000, sink.space()?.length ?? 0);
      if (n > 0) sink.filled(n);
      bytes += n;
    }
    return bytes / seconds;
  };
  assert.equal(run(4), 1e6);
  settings.set(values);
  // What was saved up while nothing was limited is used up first.
  run(15);
  const rate = run(10);
  transfer.close();
  rates.close();
  return rate;
}

function slowsTo(expected: number, foreground: boolean, values: GivenSettings): Effect {
  return () => {
    const rate = rateAfter(values, foreground);
    assert.ok(Math.abs(rate / expected - 1) < 0.1, `${rate} bytes/s`);
  };
}

/** Whom a device on battery, that has sent 2 GB to the Internet, may upload to before and after. */
async function uploads(values: GivenSettings): Promise<PeerClass[][]> {
  const host = new FakeHost();
  if ('DOMinBatteryPercentageAllowedToUpload' in values) {
    host.set({ battery: { onMains: false, percent: 50 } });
  }
  const watch = new HostWatch({ probe: host, dir: '/', clock: new ManualClock(), logger });
  const settings = new TestSettings();
  const usage = { month: { Up: { Internet: 2 * gb } } } as unknown as Usage;
  const gate = new UploadGate(settings, watch, usage);
  await gate.settled();
  const open = () => (['Lan', 'Group', 'Internet'] as const).filter((c) => gate.allows(c));
  const before = open();
  settings.set(values);
  await gate.settled();
  const after = open();
  gate.close();
  return [before, after];
}

/** What is open of a transfer that waits by this delay, and after the delay was taken away. */
function opens(name: PolicyName, foreground: boolean): Effect {
  return () => {
    const settings = new TestSettings({ [name]: 600 });
    const seen: boolean[] = [];
    const doors = { setOpen: ({ http }: { http: boolean }) => void seen.push(http) };
    const delays = () => delaysOf(settings.current, foreground);
    const has = { hasPeers: true, hasCache: true };
    using opening = new OriginOpening(delays(), has, new ManualClock(), doors);
    settings.watch(() => opening.setDelays(delays()));
    settings.set({});
    assert.deepEqual(seen, [false, true]);
  };
}

/** Shows what a change does to what runs. */
type Effect = () => void | Promise<void>;

/** Either that, or the test beside it, below `src`, that does. */
const effects: Record<PolicyName, Effect | string> = {
  DODownloadMode: 'policy/effects.test.ts',
  DOGroupId: 'policy/peers-again.test.ts',
  DOGroupIdSource: 'policy/effects.test.ts',
  DORestrictPeerSelectionBy: 'policy/peers-again.test.ts',
  DOAllowVPNPeerCaching: 'policy/effects.test.ts',
  DOVpnKeywords: 'policy/effects.test.ts',
  DOMinRAMAllowedToPeer: 'policy/effects.test.ts',
  DOMinDiskSizeAllowedToPeer: 'policy/effects.test.ts',
  DOMinFileSizeToCache: 'policy/effects.test.ts',
  async DOMinBatteryPercentageAllowedToUpload() {
    const changed = await uploads({ DOMinBatteryPercentageAllowedToUpload: 40 });
    assert.deepEqual(changed, [[], ['Lan', 'Group']]);
  },
  async DOMonthlyUploadDataCap() {
    const changed = await uploads({ DOMonthlyUploadDataCap: 1 });
    assert.deepEqual(changed, [
      ['Lan', 'Group', 'Internet'],
      ['Lan', 'Group'],
    ]);
  },
  DOMaxCacheAge: 'cache/cache-keeper.test.ts',
  DOMaxCacheSize: 'cache/cache-keeper.test.ts',
  DOAbsoluteMaxCacheSize: 'cache/cache-keeper.test.ts',
  DOModifyCacheDrive: 'cache/cache-folder.test.ts',
  DOMinBackgroundQos() {
    // A transfer asks for it at each decision (`SchedulerOptions.backgroundQos`).
    const settings = new TestSettings();
    const qos = () => minBackgroundQos(settings.current, undefined);
    const before = qos();
    settings.set({ DOMinBackgroundQos: 100 });
    assert.deepEqual([before, qos()], [2_560_000, 102_400]);
  },
  DOPercentageMaxBackgroundBandwidth: slowsTo(5e5, false, {
    DOPercentageMaxBackgroundBandwidth: 50,
  }),
  DOPercentageMaxForegroundBandwidth: slowsTo(5e5, true, {
    DOPercentageMaxForegroundBandwidth: 50,
  }),
  DOMaxBackgroundDownloadBandwidth: slowsTo(102_400, false, {
    DOMaxBackgroundDownloadBandwidth: 100,
  }),
  DOMaxForegroundDownloadBandwidth: slowsTo(102_400, true, {
    DOMaxForegroundDownloadBandwidth: 100,
  }),
  DOSetHoursToLimitBackgroundDownloadBandwidth: slowsTo(5e5, false, {
    DOSetHoursToLimitBackgroundDownloadBandwidth: half,
  }),
  DOSetHoursToLimitForegroundDownloadBandwidth: slowsTo(5e5, true, {
    DOSetHoursToLimitForegroundDownloadBandwidth: half,
  }),
  DOMaxDownloadBandwidth: slowsTo(102_400, true, { DOMaxDownloadBandwidth: 100 }),
  DOPercentageMaxDownloadBandwidth: slowsTo(5e5, false, { DOPercentageMaxDownloadBandwidth: 50 }),
  DOMaxUploadBandwidth: 'rate/rate-control.test.ts',
  DODelayBackgroundDownloadFromHttp: 'policy/effects.test.ts',
  DODelayForegroundDownloadFromHttp: opens('DODelayForegroundDownloadFromHttp', true),
  DODelayCacheServerFallbackBackground: opens('DODelayCacheServerFallbackBackground', false),
  DODelayCacheServerFallbackForeground: opens('DODelayCacheServerFallbackForeground', true),
  DOCacheHost: 'policy/effects.test.ts',
  DOCacheHostSource: 'policy/effects.test.ts',
  DODisallowCacheServerDownloadsOnVPN: 'policy/effects.test.ts',
  SluiceEvents: 'events/event-book.test.ts',
  SluiceEventsFilePaths: 'events/event-book.test.ts',
  SluiceEventsDeviceName: 'events/event-book.test.ts',
};

/** A value that is right and not the default, and those that are wrong. */
function valuesOf({ form, default: normal }: PolicySpec): { right: PolicyValue; wrong: unknown[] } {
  switch (form.kind) {
    case 'integer':
      return {
        right: normal === form.max ? form.min : form.max,
        wrong: [form.min - 1, form.max + 1, 1.5, 'x', {}],
      };
    case 'choice': {
      const choices = Object.keys(form.choices).map(Number);
      return { right: choices.findLast((c) => c !== normal)!, wrong: [-1, 7_777, 'x', []] };
    }
    case 'guid':
      return { right: '01234567-89ab-cdef-0123-456789abcdef', wrong: ['x', 1, ''] };
    case 'hosts':
      return { right: 'a,b:80', wrong: ['http://x/', 'a b', 1] };
    case 'hours':
      return { right: half, wrong: [{ ...half, From: 24 }, { ...half, In: 101 }, 'x', 1] };
    default:
      return { right: 'other', wrong: [1, {}, 'a\0b'] };
  }
}

/** Settings of a device where the command line says `values`. */
function openWith(folder: string, values: GivenSettings): Promise<LiveSettings> {
  const places = { settingsFile: join(folder, 'settings.json') };
  return LiveSettings.open({ places, commandLine: values, clock: new ManualClock(), logger });
}

test('no setting of the catalogue is left out', () => {
  assert.deepEqual(Object.keys(effects).sort(), [...policyNames].sort());
});

for (const name of policyNames) {
  suite(name, () => {
    const spec = policySpec(name);
    const { right, wrong } = valuesOf(spec);

    test('its default, its range, and who set it', async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'sluice-every-setting-'));
      t.after(() => rm(folder, { recursive: true }));
      const live = await openWith(folder, {});
      assert.deepEqual(live.current[name], spec.default);
      assert.deepEqual(live.current, defaultSettings);
      assert.equal(live.resolved.sources[name].provider, 'Default');
      await live.change({ provider: 'Admin', values: { [name]: right }, isWhole: true });
      assert.deepEqual(live.current, { ...defaultSettings, [name]: right });
      assert.equal(live.resolved.sources[name].provider, 'Admin');
      for (const value of wrong) {
        await live.change({ provider: 'Mdm', values: { [name]: value }, isWhole: true });
        const [problem] = live.resolved.problems;
        assert.deepEqual([problem?.name, problem?.provider], [name, 'Mdm'], JSON.stringify(value));
        assert.deepEqual(live.current[name], right, 'the next provider’s holds');
      }
    });

    const effect = effects[name];
    test('what a change does', async () => {
      assert.equal(spec.state, 'acts');
      if (typeof effect === 'function') return effect();
      const text = await readFile(new URL(`../${effect}`, import.meta.url), 'utf8');
      assert.match(text, new RegExp(`\\b${name}\\b`), `${effect} says nothing of it`);
    });
  });
}
