/** A device that has nothing to do costs next to nothing. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createCloud } from '@sluice/cloud';
import { isFresh, readBundle } from '../packages/cli/bin/bundle.js';
import { root } from './workspace/packages.ts';

const seconds = 5;
/** Of a window of CPU time, the first may still see the end of the start. */
const maxWindows = 3;
/** Of the system, which counts CPU time in these. */
const ticksPerSecond = 100;
const maxTicks = 0.005 * seconds * ticksPerSecond;
const maxBytes = 90e6;

async function idleAgent(t: TestContext): Promise<ChildProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-idle-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const listen = { host: '127.0.0.1', port: 0 };
  const cloud = await createCloud({ dataDir: path.join(folder, 'cloud'), listen });
  t.after(() => cloud.close());
  const args = ['--cloud', cloud.url, '--peer-port', '0', '--data-dir', path.join(folder, 'data')];
  // Its neighbours on this machine, agents of other tests, would wake it.
  const command = [path.join(root, 'packages/cli/bin/sluice.js'), 'agent', '--no-local-discovery'];
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const agent = spawn(process.execPath, [...command, ...args], { stdio: [...stdio] });
  const exited = once(agent, 'exit');
  t.after(async () => {
    agent.kill();
    await exited;
  });
  const ready = once(createInterface({ input: agent.stdout! }), 'line');
  await Promise.race([ready, exited.then(([code]) => assert.fail(`exit code ${code}`))]);
  return agent;
}

/** What all threads of a process have done so far: times that one went to sleep, CPU time in ticks. */
async function workOf(pid: number): Promise<{ sleeps: number; ticks: number }> {
  const sum = { sleeps: 0, ticks: 0 };
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const at = `/proc/${pid}/task/${thread}`;
    sum.sleeps += numberAfter('voluntary_ctxt_switches:', await readFile(`${at}/status`, 'utf8'));
    // After the name, which may have spaces: proc(5), fields 14 and 15.
    const fields = (await readFile(`${at}/stat`, 'utf8')).split(') ').at(-1)!.split(' ');
    sum.ticks += Number(fields[11]) + Number(fields[12]);
  }
  assert.ok(sum.sleeps > 0 && sum.ticks > 0, 'the system counts them');
  return sum;
}

function numberAfter(name: string, text: string): number {
  const line = text.split('\n').find((each) => each.startsWith(name));
  return Number(line?.slice(name.length).replace('kB', ''));
}

test('an idle agent sleeps, and is small', {
  skip: process.platform !== 'linux' && 'reads /proc',
}, async (t) => {
  const { pid } = await idleAgent(t);
  await delay(1_500);
  let spent = { sleeps: Number.NaN, ticks: Number.NaN };
  for (let window = 0; window < maxWindows; window++) {
    const before = await workOf(pid!);
    await delay(seconds * 1_000);
    const after = await workOf(pid!);
    spent = { sleeps: after.sleeps - before.sleeps, ticks: after.ticks - before.ticks };
    t.diagnostic(JSON.stringify(spent));
    if (spent.sleeps <= seconds && spent.ticks <= maxTicks) break;
  }
  assert.ok(spent.sleeps <= seconds, `${spent.sleeps} wake-ups in ${seconds} s`);
  assert.ok(spent.ticks <= maxTicks, `${spent.ticks / ticksPerSecond} s of CPU in ${seconds} s`);
  const bundle = readBundle(root);
  const size = numberAfter('VmRSS:', await readFile(`/proc/${pid}/status`, 'utf8')) * 1024;
  t.diagnostic(`${size} bytes resident`);
  // From its sources a process is larger.
  if (bundle && isFresh(root, bundle)) assert.ok(size < maxBytes, `${size} bytes resident`);
});
