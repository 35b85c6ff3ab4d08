import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { peerClasses } from '@sluice/engine';
import { ManualClock } from '@sluice/protocol';
import type { GivenSettings } from '@sluice/protocol/policy';
import { pino } from 'pino';
import type { Usage } from '../accounting/usage.ts';
import { FakeHost } from '../host/fake-host.test-kit.ts';
import { HostWatch } from '../host/host-watch.ts';
import { TestSettings } from '../policy/test-settings.test-kit.ts';
import { UploadGate } from './upload-gate.ts';

const gb = 1024 ** 3;
const settle = () => new Promise((resolve) => setImmediate(resolve));

function world(settings: GivenSettings = {}) {
  const clock = new ManualClock();
  const host = new FakeHost();
  const month = {
    bytes: 0,
  };
  const usage = {
    get month() {
      return { Up: { Internet: month.bytes } };
    },
    sent(peerClass: string, n: number) {
      if (peerClass === 'Internet') month.bytes += n;
    },
  };
  const watch = new HostWatch({ probe: host, dir: '/', clock, logger: pino({ level: 'silent' }) });
  const live = new TestSettings(settings);
  const gate = new UploadGate(live, watch, usage as unknown as Usage);
  let news = 0;
  const unwatch = gate.watch(() => news++);
  return {
    clock,
    host,
    month,
    watch,
    gate,
    unwatch,
    /** News since the last call. */
    heard: () => {
      const n = news;
      news = 0;
      return n;
    },
    open: () => peerClasses.filter((c) => gate.allows(c)),
  };
}

const unplugged = { battery: { onMains: false, percent: 80 } };

suite('the upload gate', () => {
  test('before anything is known: no, and news when it is', async () => {
    const w = world();
    assert.deepEqual([w.open(), w.host.reads], [[], 1]);
    await settle();
    assert.equal(w.heard(), 1);
    assert.deepEqual(w.open(), [...peerClasses]);
  });

  test('knows what a download has found out, at once', async () => {
    const w = world();
    await w.watch.facts();
    assert.deepEqual(w.open(), [...peerClasses]);
    assert.equal(w.host.reads, 1);
  });

  test('never looks unasked; asked all the time, every 30 s', async () => {
    const w = world();
    await w.gate.settled();
    w.clock.advance(86_400_000);
    assert.deepEqual([w.host.reads, w.clock.pending], [1, 0]);
    await w.gate.settled();
    for (let s = 0; s < 300; s++) {
      w.clock.advance(1_000);
      assert.deepEqual(w.open(), [...peerClasses], 'and stays open meanwhile');
      await settle();
    }
    assert.equal(w.host.reads, 12);
  });

  test('after long silence it looks before it says yes', async () => {
    const w = world();
    await w.gate.settled();
    w.host.set(unplugged);
    w.clock.advance(60_000);
    w.heard();
    assert.deepEqual(w.open(), []);
    await settle();
    assert.deepEqual([w.open(), w.heard()], [[], 1]);
  });

  test('closes and opens with the plug; news only of changes', async () => {
    const w = world({ DOMinBatteryPercentageAllowedToUpload: 40 });
    await w.gate.settled();
    w.heard();
    const after30s = async (percent: number) => {
      w.host.set({ battery: { onMains: false, percent } });
      w.clock.advance(30_000);
      await w.gate.settled();
      return [w.open().length, w.heard()];
    };
    assert.deepEqual(await after30s(80), [3, 1], 'LAN, link and Group');
    assert.deepEqual(await after30s(40), [3, 0]);
    assert.deepEqual(await after30s(39), [0, 1]);
    assert.equal(w.gate.refusals('Lan')[0]?.rule, 'DOMinBatteryPercentageAllowedToUpload');
    assert.deepEqual(await after30s(41), [3, 1]);
    w.unwatch();
    assert.deepEqual(await after30s(1), [0, 0]);
  });

  test('the cap closes the Internet at the very byte, and nothing else', async () => {
    const w = world({ DOMonthlyUploadDataCap: 1 });
    await w.gate.settled();
    w.heard();
    w.gate.sent('Lan', 5 * gb);
    w.gate.sent('Internet', gb - 1);
    assert.deepEqual([w.open().length, w.heard()], [4, 0]);
    w.gate.sent('Internet', 1);
    assert.deepEqual([w.open(), w.heard()], [['Lan', 'LinkLocal', 'Group'], 1]);
    assert.equal(w.month.bytes, gb, 'only what went to the Internet counts');
    w.month.bytes = 0;
    w.clock.advance(30_000);
    await w.gate.settled();
    assert.deepEqual([w.open().length, w.heard()], [4, 1], 'the next month');
  });

  test('a VPN closes it, unless only peers found on the own link count (policies.md §5)', async () => {
    const w = world();
    w.host.set({ adapters: ['wg0 (WireGuard VPN)'] });
    await w.gate.settled();
    assert.deepEqual(w.open(), []);
    const onLink = world({ DORestrictPeerSelectionBy: 2 });
    onLink.host.set({ adapters: ['wg0 (WireGuard VPN)'] });
    await onLink.gate.settled();
    assert.deepEqual(onLink.open(), [...peerClasses]);
  });
});
