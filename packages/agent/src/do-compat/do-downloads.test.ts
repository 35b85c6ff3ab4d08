import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { pino } from 'pino';
import { CacheChoice } from './cache-choice.ts';
import { DoConfig } from './do-config.ts';
import { DoDownloads } from './do-downloads.ts';
import { doWorld } from './testing/do-world.test-kit.ts';

const outOfMemory = { hresult: 0x8007000e };
const notSet = { hresult: 0x80070490 };

async function world() {
  const w = await doWorld();
  const clock = new ManualClock();
  const config = new DoConfig(w.device.folder, clock, pino({ level: 'silent' }));
  const downloads = new DoDownloads(
    {
      agent: w.agent,
      cache: new CacheChoice(config, clock),
      ownFolder: w.device.path('data'),
      hasNetwork: () => true,
      clock,
    },
    3,
  );
  const call = async (method: 'create' | 'start' | 'getstatus', params: object) =>
    JSON.parse(await downloads.answer({ method, params })) as Record<string, string>;
  const create = async (of = {}) => (await call('create', of)).Id!;
  return {
    ...w,
    clock,
    call,
    create,
    [Symbol.asyncDispose]: async () => {
      await downloads.close();
      await w[Symbol.asyncDispose]();
    },
  };
}

suite('downloads that their clients left behind', () => {
  test('make room when there is none, after an hour; those that run and those in use do not', async () => {
    await using w = await world();
    w.source.limit = 0;
    const running = await w.create({ Uri: w.source.url(), DownloadFilePath: w.device.path('f') });
    await w.call('start', { Id: running });
    const [used, left] = [await w.create(), await w.create()];
    await assert.rejects(w.create(), outOfMemory);
    w.clock.advance(3_599_999);
    await w.call('getstatus', { Id: used });
    await assert.rejects(w.create(), outOfMemory);
    w.clock.advance(1);
    const next = await w.create();
    await assert.rejects(w.call('getstatus', { Id: left }), notSet);
    for (const Id of [running, used, next]) await w.call('getstatus', { Id });
    await assert.rejects(w.create(), outOfMemory);
  });
});
