import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TrafficClass } from '@sluice/engine';
import { ManualClock } from '@sluice/protocol';
import type { GivenSettings } from '@sluice/protocol/policy';
import type { OwnAddress } from '../network/own-address.ts';
import { LiveValue } from '../policy/live-value.ts';
import { TestSettings } from '../policy/test-settings.test-kit.ts';
import type { RunSink, Source } from '../source/index.ts';
import { CollectingSink } from '../source/testing/collecting-sink.ts';
import type { DelayProbe } from './delay-probe.ts';
import { RateControl } from './rate-control.ts';

const never = new AbortController().signal;
const all: TrafficClass[] = ['http', 'cache', 'Lan', 'LinkLocal', 'Group', 'Internet'];
const remote = { host: '192.0.2.1', port: 80 };

/** A source as far as limits look at it. */
function source(kind: Source['kind'], to: Source['remote'] = remote): Source {
  return {
    kind,
    label: kind,
    remote: to,
    activeConnections: 1,
    open: () => Promise.reject(new Error('not used')),
    fetch: () => Promise.reject(new Error('not used')),
    close: () => Promise.resolve(),
  };
}

function setUp(given: GivenSettings = {}, own: () => OwnAddress[] = () => []) {
  const clock = new ManualClock();
  const state = { ms: 5, probed: [] as string[] };
  const settings = new TestSettings(given);
  const probe: DelayProbe = async ({ host, port }) => {
    state.probed.push(`${host}:${port}`);
    return { ms: state.ms, slackMs: 0 };
  };
  const today = () => new Date(2026, 10, 26, 7, 59, 30, clock.now());
  const rates = new RateControl({ clock, today, settings, own, probe });
  return { clock, state, settings, rates };
}

/** Takes up to 10 kB every 10 ms. @returns bytes/s */
function run({ sink }: { sink: RunSink }, clock: ManualClock, seconds: number): number {
  let bytes = 0;
  for (let ms = 0; ms < 1_000 * seconds; ms += 10) {
    clock.advance(10);
    const n = Math.min(10_000, sink.space()?.length ?? 0);
    if (n > 0) sink.filled(n);
    bytes += n;
  }
  return bytes / seconds;
}

const kindOf = (traffic: TrafficClass): Source['kind'] =>
  traffic === 'http' || traffic === 'cache' ? traffic : 'peer';

describe('RateControl', () => {
  it('leaves the foreground alone when nothing is set, and what stays on site always', () => {
    const transfer = setUp().rates.forTransfer(new LiveValue(true));
    for (const traffic of all) {
      const sink = new CollectingSink();
      const limited = transfer.limit(source(kindOf(traffic)), traffic, sink, never);
      assert.deepEqual(limited.sink.space(), sink.space(), traffic);
      assert.equal(limited.sink === sink, traffic === 'Lan' || traffic === 'LinkLocal');
    }
  });

  it('says what nothing holds back, and nothing has to know of', () => {
    const free = (given: GivenSettings, foreground: boolean) => {
      const transfer = setUp(given).rates.forTransfer(new LiveValue(foreground));
      return all.filter((traffic) => transfer.isFree(traffic));
    };
    assert.deepEqual(free({}, true), all);
    assert.deepEqual(
      free({}, false),
      ['Lan', 'LinkLocal', 'Group'],
      'no path is watched for these',
    );
    const limited = { DOMaxForegroundDownloadBandwidth: 100 };
    assert.deepEqual(free(limited, true), ['Lan', 'LinkLocal']);
    const measured = { DOPercentageMaxForegroundBandwidth: 50 };
    assert.deepEqual(free(measured, true), ['Lan', 'LinkLocal']);
  });

  it('a limit in KB/s holds for all downloads of its priority together, not for peers on site', () => {
    for (const foreground of [true, false]) {
      const { rates } = setUp({
        [foreground ? 'DOMaxForegroundDownloadBandwidth' : 'DOMaxBackgroundDownloadBandwidth']: 100,
      });
      const free = all.filter((traffic) => {
        // Each of a download of its own.
        const transfer = rates.forTransfer(new LiveValue(foreground));
        const from = source(kindOf(traffic));
        const { sink } = transfer.limit(from, traffic, new CollectingSink(), never);
        let taken = 0;
        for (let s = sink.space(); s && taken < 1e6; s = sink.space()) {
          taken += s.length;
          sink.filled(s.length);
        }
        transfer.close();
        return taken >= 1e6;
      });
      assert.deepEqual(free, ['Lan', 'LinkLocal']);
    }
  });

  it('an upload limit is one for all peers off the site', async () => {
    const { rates, clock } = setUp({ DOMaxUploadBandwidth: 100 });
    const nowhere = () => undefined;
    assert.equal(rates.uploadsTo('Lan', nowhere), undefined);
    assert.equal(rates.uploadsTo('LinkLocal', nowhere), undefined);
    let taken = 0;
    const takeAll = async (to: TrafficClass) => {
      const pace = rates.uploadsTo(to, nowhere)!;
      while (taken < 200 * 1024) {
        const bytes = await pace.take(4_096, never);
        taken += bytes;
      }
    };
    const done = Promise.all([takeAll('Group'), takeAll('Internet')]);
    const pass = async (ms: number) => {
      for (let t = 0; t < ms; t += 10) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.advance(10);
      }
    };
    await pass(1_000);
    assert.ok(taken > 90 * 1024 && taken < 120 * 1024, `${taken} bytes in a second`);
    await pass(2_000);
    await done;
  });

  it('uploads off the site probe where the peer takes connections, if that is known', async () => {
    const { rates, state } = setUp();
    const pace = rates.uploadsTo('Internet', () => ({ host: '198.51.100.7', port: 7680 }))!;
    pace.sent(1_000);
    assert.deepEqual(state.probed, [], 'nothing was asked for yet');
    assert.equal(await pace.take(1_000, never), 1_000);
    pace.sent(1_000);
    assert.deepEqual(state.probed, ['198.51.100.7:7680']);
    pace.close();
  });

  it('probes the sources of background downloads, never a peer', async () => {
    const { rates, state, clock } = setUp();
    const transfer = rates.forTransfer(new LiveValue(false));
    for (const traffic of all) {
      const from = source(kindOf(traffic), kindOf(traffic) === 'peer' ? undefined : remote);
      const { sink } = transfer.limit(from, traffic, new CollectingSink(), never);
      sink.filled(sink.space()!.length);
    }
    assert.deepEqual(state.probed, ['192.0.2.1:80']);
    await new Promise((resolve) => setImmediate(resolve));
    transfer.close();
    assert.equal(clock.pending, 0);
  });

  it('does not probe a cache on a link of this device; one behind a tunnel, and a source, it does', () => {
    const near = { address: '192.0.2.7', prefix: 24, zone: 'eth0', internal: false, tunnel: false };
    const probed = (traffic: TrafficClass, own: OwnAddress) => {
      const { rates, state } = setUp({}, () => [own]);
      const transfer = rates.forTransfer(new LiveValue(false));
      const from = source(kindOf(traffic));
      const { sink } = transfer.limit(from, traffic, new CollectingSink(), never);
      sink.filled(sink.space()!.length);
      return state.probed.length;
    };
    assert.equal(probed('cache', near), 0);
    assert.equal(probed('cache', { ...near, prefix: 32 }), 1);
    assert.equal(probed('cache', { ...near, tunnel: true }), 1);
    assert.equal(probed('http', near), 1);
  });

  it('looks once in a fetch whether the cache is on a link', () => {
    let looks = 0;
    const { rates, clock } = setUp({}, () => {
      looks++;
      return [{ address: '192.0.2.7', prefix: 24, zone: 'eth0', internal: false, tunnel: false }];
    });
    const transfer = rates.forTransfer(new LiveValue(false));
    run(transfer.limit(source('cache'), 'cache', new CollectingSink(), never), clock, 1);
    assert.equal(looks, 1);
  });

  it('a percentage holds once the bandwidth was measured', () => {
    const { rates, clock } = setUp({ DOPercentageMaxForegroundBandwidth: 50 });
    const transfer = rates.forTransfer(new LiveValue(true));
    const limited = transfer.limit(source('http'), 'http', new CollectingSink(), never);
    assert.equal(run(limited, clock, 2), 1e6, 'at first the full rate');
    run(limited, clock, 2);
    const rate = run(limited, clock, 10);
    assert.ok(Math.abs(rate / 0.5e6 - 1) < 0.05, `${rate}`);
  });

  it('a limit that comes and goes holds for a fetch under way, at once', () => {
    const { rates, settings, clock } = setUp();
    const transfer = rates.forTransfer(new LiveValue(true));
    const fetch = transfer.limit(source('http'), 'http', new CollectingSink(), never);
    assert.equal(run(fetch, clock, 2), 1e6);
    settings.set({ DOMaxForegroundDownloadBandwidth: 100 });
    run(fetch, clock, 1);
    const limited = run(fetch, clock, 10);
    assert.ok(Math.abs(limited / 102_400 - 1) < 0.1, `${limited}`);
    settings.set({});
    assert.equal(run(fetch, clock, 2), 1e6);
  });

  it('a fetch under way changes sides with its download, in what limits it and what it counts for', () => {
    const { rates, clock } = setUp({
      DOMaxForegroundDownloadBandwidth: 400,
      DOMaxBackgroundDownloadBandwidth: 100,
    });
    const foreground = new LiveValue(false);
    const transfer = rates.forTransfer(foreground);
    const fetch = transfer.limit(source('http'), 'http', new CollectingSink(), never);
    const rateNear = (expected: number) => {
      run(fetch, clock, 1);
      const rate = run(fetch, clock, 10);
      assert.ok(Math.abs(rate / expected - 1) < 0.1, `${rate}`);
    };
    rateNear(102_400);
    foreground.set(true);
    rateNear(409_600);
    foreground.set(false);
    rateNear(102_400);
  });

  it('who waits at the limit of the background goes on at once in the foreground', async () => {
    const { rates, clock } = setUp({ DOMaxBackgroundDownloadBandwidth: 1 });
    const foreground = new LiveValue(false);
    const transfer = rates.forTransfer(foreground);
    const fetch = transfer.limit(source('peer'), 'Group', new CollectingSink(), never);
    for (let s = fetch.sink.space(); s; s = fetch.sink.space()) fetch.sink.filled(s.length);
    const ready = fetch.sink.ready();
    foreground.set(true);
    await ready;
    assert.ok(fetch.sink.space());
    assert.equal(clock.pending, 0, 'nobody waits any more');
    fetch.end();
    transfer.close();
  });

  it('the delay of the path is heeded and sampled in the background only', async () => {
    const { rates, state } = setUp();
    const foreground = new LiveValue(true);
    const transfer = rates.forTransfer(foreground);
    const { sink } = transfer.limit(source('http'), 'http', new CollectingSink(), never);
    const receive = () => sink.filled(sink.space()!.length);
    receive();
    assert.deepEqual([state.probed, sink.window?.()], [[], Number.POSITIVE_INFINITY]);
    foreground.set(false);
    assert.equal(sink.window?.(), 131_072, 'careful while nothing is known of the path');
    receive();
    assert.equal(state.probed.length, 1);
    foreground.set(true);
    assert.equal(sink.window?.(), Number.POSITIVE_INFINITY);
    await new Promise((resolve) => setImmediate(resolve));
    transfer.close();
  });

  it('business hours begin at their hour, in local time, for a fetch under way', () => {
    const hours = { From: 8, To: 17, In: 10, Out: 0 };
    const { rates, clock } = setUp({ DOSetHoursToLimitForegroundDownloadBandwidth: hours });
    const transfer = rates.forTransfer(new LiveValue(true));
    const fetch = transfer.limit(source('http'), 'http', new CollectingSink(), never);
    assert.equal(run(fetch, clock, 20), 1e6, 'it is 7:59:30');
    run(fetch, clock, 20);
    const limited = run(fetch, clock, 10);
    assert.ok(Math.abs(limited / 1e5 - 1) < 0.1, `${limited}`);
    rates.close();
    transfer.close();
    assert.equal(clock.pending, 0);
  });
});
