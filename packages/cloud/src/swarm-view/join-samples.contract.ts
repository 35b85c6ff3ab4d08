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
      const note = (tenant: string, said: JoinSample) =>
        samples.note(tenant, 'a', said.peerId, () => said);
      note('t', sample(1, wallTime()));
      note('t', sample(2, wallTime()));
      note('other', sample(3, wallTime()));
      await settle();
      clock.advance(5_000);
      const second = sample(1, wallTime(), { left: 40, fromHttp: 50, fromPeers: 10 });
      note('t', second);
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

    test('contents by their last join; of a flood those that came first, until they are gone', async () => {
      const { samples, settle, clock, wallTime } = await fresh();
      const note = (contentId: string) =>
        samples.note('t', contentId, sample(1, 0).peerId, () => sample(1, wallTime()));
      const ids = async () => (await samples.contents('t')).map(({ contentId }) => contentId);
      const most = sampleLimits.swarms;
      for (let n = 0; n < most; n++) note(`c${n}`);
      await settle();
      clock.advance(2_000);
      note('c3');
      note('new');
      await settle();
      assert.equal((await ids())[0], 'c3');
      assert.deepEqual(
        new Set(await ids()),
        new Set(Array.from({ length: most }, (_, n) => `c${n}`)),
      );
      clock.advance(sampleLimits.ageMs);
      note('new');
      await settle();
      assert.ok((await ids()).includes('new'), 'others are gone');
      assert.deepEqual(await samples.contents('other'), []);
    });

    test('many contents and devices that join again and again: the view stays', async () => {
      const { samples, settle, clock, wallTime } = await fresh();
      const seen: string[] = [];
      for (let round = 0; round < 3; round++) {
        for (let n = 0; n < 2 * sampleLimits.swarms; n++) {
          samples.note('t', `c${n}`, sample(1, 0).peerId, () => sample(1, wallTime()));
        }
        for (let n = 0; n < 2 * sampleLimits.devices; n++) {
          samples.note('t', 'c0', sample(n, 0).peerId, () => sample(n, wallTime()));
        }
        await settle();
        const contents = (await samples.contents('t')).map(({ contentId }) => contentId);
        const devices = (await samples.devices('t', 'c0')).map(({ latest }) => latest);
        assert.equal(contents.length, sampleLimits.swarms);
        assert.equal(devices.length, sampleLimits.devices);
        assert.ok(
          devices.every(({ at }) => wallTime() - at < 2_000),
          'all have come again',
        );
        seen.push(JSON.stringify([contents.sort(), devices.map(({ peerId }) => peerId).sort()]));
        clock.advance(20_000);
      }
      assert.deepEqual(new Set(seen).size, 1);
    });

    test('what somebody looks at is kept from its next join on', async () => {
      const { samples, settle, clock, wallTime } = await fresh();
      const note = (contentId: string) =>
        samples.note('t', contentId, sample(1, 0).peerId, () => sample(1, wallTime()));
      for (let n = 0; n < sampleLimits.swarms; n++) {
        note(`c${n}`);
        await (n === 0 ? settle() : undefined);
        if (n === 0) clock.advance(1_000);
      }
      await settle();
      assert.deepEqual(await samples.devices('t', 'new'), []);
      clock.advance(1_000);
      note('new');
      await settle();
      assert.equal((await samples.devices('t', 'new')).length, 1);
      const contents = await samples.contents('t');
      assert.equal(contents.length, sampleLimits.swarms);
      assert.ok(!contents.some(({ contentId }) => contentId === 'c0'), 'joined longest ago');
    });
  });
}
