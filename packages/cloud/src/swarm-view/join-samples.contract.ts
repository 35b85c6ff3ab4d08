import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { type JoinSample, type JoinSamples, sampleLimits } from './join-samples.ts';

/** Opens an empty store. What was noted is there after `settle`. */
export type OpenSamples = (parts: { clock: ManualClock; wallTime: () => number }) => Promise<{
  samples: JoinSamples;
  settle: () => Promise<void>;
}>;

/** Wall time when the clock begins, ms since 1970. */
const epoch = 1_800_000_000_000;

function sample(n: number, at: number, facts: Partial<JoinSample> = {}): JoinSample {
  return {
    peerId: n.toString(16).padStart(40, '0'),
    at,
    site: '198.51.100.1',
    scope: 1,
    background: false,
    left: 100,
    fromHttp: 0,
    fromCache: 0,
    fromPeers: 0,
    uploaded: 0,
    ...facts,
  };
}

/** What every store of samples must do. */
export function joinSamplesContract(name: string, open: OpenSamples): void {
  const fresh = async () => {
    const clock = new ManualClock();
    const wallTime = () => epoch + clock.now();
    return { clock, wallTime, ...(await open({ clock, wallTime })) };
  };

  describe(`${name}: join samples contract`, () => {
    test('the last two of each device; who leaves or is not heard of is gone', async () => {
      const { samples, settle, clock, wallTime } = await fresh();
      samples.note('t', 'a', sample(1, wallTime()));
      samples.note('t', 'a', sample(2, wallTime()));
      samples.note('other', 'a', sample(3, wallTime()));
      await settle();
      clock.advance(5_000);
      const second = sample(1, wallTime(), { left: 40, fromHttp: 50, fromPeers: 10 });
      samples.note('t', 'a', second);
      samples.forget('t', 'a', sample(2, 0).peerId);
      await settle();
      const [one, ...rest] = await samples.devices('t', 'a');
      assert.deepEqual(one?.latest, second);
      assert.deepEqual([one?.before?.left, rest], [100, []]);
      assert.equal((await samples.devices('other', 'a')).length, 1);
      // Settling may take a second.
      clock.advance(sampleLimits.ageMs - 1_000);
      assert.equal((await samples.devices('t', 'a')).length, 1);
      clock.advance(1_001);
      assert.deepEqual(await samples.devices('t', 'a'), []);
    });

    test('contents by their last join; of a flood the latest are kept', async () => {
      const { samples, settle, clock, wallTime } = await fresh();
      for (let n = 0; n < sampleLimits.swarms; n++)
        samples.note('t', `c${n}`, sample(1, wallTime()));
      await settle();
      clock.advance(2_000);
      samples.note('t', 'c3', sample(1, wallTime()));
      await settle();
      clock.advance(2_000);
      samples.note('t', 'new', sample(1, wallTime()));
      await settle();
      const contents = await samples.contents('t');
      assert.deepEqual(
        contents.slice(0, 2).map(({ contentId }) => contentId),
        ['new', 'c3'],
      );
      assert.equal(contents.length, sampleLimits.swarms);
      assert.deepEqual(await samples.contents('other'), []);
    });

    test('of more devices than are kept, those that joined last', async () => {
      const { samples, settle, clock, wallTime } = await fresh();
      const most = sampleLimits.devices;
      for (let n = 0; n < most; n++) samples.note('t', 'a', sample(n, wallTime()));
      await settle();
      clock.advance(2_000);
      for (const n of [0, most]) samples.note('t', 'a', sample(n, wallTime()));
      await settle();
      const devices = await samples.devices('t', 'a');
      const ids = new Set(devices.map(({ latest }) => latest.peerId));
      assert.equal(ids.size, most);
      assert.ok(ids.has(sample(0, 0).peerId) && ids.has(sample(most, 0).peerId));
    });
  });
}
