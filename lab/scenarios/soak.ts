import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { sha256OfFile } from '@sluice/agent';
import { formatTable } from '@sluice/cli';
import { seededRandom } from '@sluice/protocol';
import { LabGround } from '../lab-ground.ts';
import { idealMs } from '../network/link-shape.ts';
import {
  commonOptions,
  devicesOf,
  integerOf,
  linkOf,
  logLevelOf,
  numberOf,
  sizeOf,
} from '../options.ts';
import { checkTools } from '../requirements.ts';
import { publish, startCloud } from '../servers/sluice-cloud.ts';
import { churn } from '../soak/churn.ts';
import { growthOf } from '../soak/growth.ts';
import { between } from '../soak/random.ts';
import { SoakDevice } from '../soak/soak-device.ts';
import type { Ground } from '../tools/tool.ts';
import type { Context, OptionValues, Outcome, Scenario } from './scenario.ts';

const sampleMs = 1_000;
/** Devices come to a file within this time. */
const arriveMs = 3_000;
/** A wave that takes longer than this and ten times the ideal is stuck. */
const stuckMs = 60_000;
/** The first waves warm up: code is compiled, pools are filled. */
const warmUpWaves = 2;

export const soak: Scenario = {
  name: 'soak',
  summary: 'file after file to all machines while half of the agents are killed and started again',
  options: {
    ...commonOptions,
    size: { type: 'string', default: '32', help: 'MiB of each file' },
    minutes: { type: 'string', default: '2', help: 'how long' },
    seed: { type: 'string', default: '1', help: 'of the random kills' },
    growth: { type: 'string', default: '1.25', help: 'of memory that is still good' },
  },
  run,
};

async function run(values: OptionValues, { signal, log }: Context): Promise<Outcome> {
  const [link, size, devices] = [linkOf(values), sizeOf(values), devicesOf(values)];
  const minutes = numberOf(values, 'minutes', { min: 0.1, max: 10_000 });
  const random = seededRandom(integerOf(values, 'seed', { min: 0, max: 2 ** 32 - 1 }));
  const limit = numberOf(values, 'growth', { min: 1, max: 100 });
  const logLevel = logLevelOf(values);
  await checkTools([]);
  const keep = values.keep === true;
  await using ground = await LabGround.create({ devices, size, link, keep, log }, signal);
  // Awaited here: the ground goes when this function returns.
  return await ground.round('soak', signal, async (g) => {
    await using stack = new AsyncDisposableStack();
    const cloud = await startCloud({ ...g, namespace: g.network.servers }, signal);
    stack.use(cloud.process);
    const all = g.devices.map((device) => new SoakDevice(device, logLevel));
    stack.defer(async () => {
      await Promise.all(all.map((device) => device.stop()));
    });
    await Promise.all(all.map((device) => device.start()));
    const over = new AbortController();
    const any = AbortSignal.any([signal, over.signal]);
    const churning = churn(
      all.filter((_, i) => i % 2 === 1),
      random,
      any,
    );
    const sampling = sample(all, any);
    const until = performance.now() + minutes * 60_000;
    const waves: number[] = [];
    let stuck: unknown[] = [];
    while (performance.now() < until && stuck.length === 0) {
      const next = await ground.addFile(`wave-${waves.length + 1}.bin`, size, signal);
      await publish({ ...g, ...next, namespace: g.network.servers }, signal);
      const limitMs = Math.ceil(stuckMs + 10 * idealMs(size, link));
      const startedAt = performance.now();
      stuck = await wave({ ...g, ...next }, { all, random, limitMs });
      waves.push(performance.now() - startedAt);
      log(`wave ${waves.length}: ${(waves.at(-1)! / 1000).toFixed(1)} s`);
      await rm(next.file.path);
      // What came before is the same for everybody: from here on memory must not grow.
      if (waves.length === warmUpWaves) for (const device of all) device.rss.length = 0;
    }
    over.abort();
    await Promise.all([churning, sampling]);
    return outcome({ all, waves, stuck, limit });
  });
}

/** One file to all devices. @returns what is wrong with those that did not get it. */
async function wave(
  ground: Ground,
  { all, random, limitMs }: { all: readonly SoakDevice[]; random: () => number; limitMs: number },
): Promise<unknown[]> {
  const { file, url, signal } = ground;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const wrong: unknown[] = [];
  const starts = all.map(() => between(random, 0, arriveMs));
  await Promise.all(
    all.map(async (device, i) => {
      const output = path.join(device.device.folder, file.name);
      try {
        await setTimeout(starts[i]);
        const { Id, Verified } = await device.fetch({ Url: url, Output: output }, limit);
        const sha256 = await sha256OfFile(output, { signal });
        if (!Verified || sha256 !== file.sha256) throw new Error('another file');
        await device.forget(Id);
        await rm(output);
      } catch (error) {
        signal.throwIfAborted();
        const { number } = device.device;
        wrong.push({ Device: number, Error: String(error), Last: device.last });
      }
    }),
  );
  return wrong;
}

async function sample(devices: readonly SoakDevice[], over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    // One that is being killed has no /proc any more.
    await Promise.allSettled(devices.map((device) => device.sample()));
    await setTimeout(sampleMs, undefined, { signal: over }).catch(() => {});
  }
}

function outcome(result: {
  all: readonly SoakDevice[];
  waves: readonly number[];
  stuck: readonly unknown[];
  limit: number;
}): Outcome {
  const { all, waves, stuck, limit } = result;
  const devices = all.map(({ device, kills, rss, crashed }) => ({
    Device: device.number,
    Kills: kills,
    Crashed: crashed,
    // Of one that is killed again and again it says nothing.
    Growth: kills === 0 ? (growthOf(rss) ?? null) : null,
    PeakRss: Math.max(0, ...rss),
    Rss: rss,
  }));
  const rows = devices.map((d) => [
    `device ${d.Device}`,
    String(d.Kills),
    d.Growth === null ? '-' : d.Growth.toFixed(2),
    (d.PeakRss / 1024 ** 2).toFixed(0),
    d.Crashed ? 'CRASHED' : '',
  ]);
  const head = ['', 'kills', 'memory growth', 'peak RSS MiB', ''];
  const lines = [`${waves.length} files`, formatTable([head, ...rows])];
  if (stuck.length > 0) lines.push(`STUCK:\n${JSON.stringify(stuck, null, 2)}`);
  const good = devices.every((d) => !d.Crashed && (d.Growth ?? 1) <= limit);
  return {
    json: { WavesMs: waves, Devices: devices, Stuck: stuck },
    text: lines.join('\n'),
    ok: good && stuck.length === 0,
  };
}
