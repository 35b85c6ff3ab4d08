/** The lab itself, in a small run; only where root may make network namespaces and the tools are there. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkTools, HostLacks } from './requirements.ts';
import { curl } from './tools/curl.ts';

const lab = fileURLToPath(new URL('main.ts', import.meta.url));
const run = promisify(execFile);
const small = ['together', '--size', '8', '--devices', '2', '--rounds', '1'];

const skip = await checkTools([curl]).then(
  () => false as const,
  (error: unknown) => {
    if (error instanceof HostLacks) return error.message;
    throw error;
  },
);

interface Report {
  Rounds: Record<string, { lastDevice: number; wanDown: number; duplicates: number | null }[]>;
  Failures: string[];
}

suite('the lab', { skip }, () => {
  test('two devices: one copy with Sluice, two with curl, at the speed of the link', async () => {
    const { stdout } = await run(process.execPath, [
      lab,
      ...small,
      '--tools',
      'sluice,curl',
      '--json',
    ]);
    const { Sizes } = JSON.parse(stdout) as { Sizes: [Report] };
    const [{ Rounds, Failures }] = Sizes;
    assert.deepEqual(Failures, []);
    const [sluice] = Rounds.sluice!;
    assert.ok(sluice!.wanDown >= 1.03 && sluice!.wanDown < 1.2, `Sluice: ${sluice!.wanDown}`);
    assert.ok(sluice!.lastDevice >= 1.03, `faster than the link: ${sluice!.lastDevice}`);
    const [plain] = Rounds.curl!;
    assert.ok(plain!.wanDown >= 2.05 && plain!.wanDown < 2.2, `curl: ${plain!.wanDown}`);
    assert.ok(plain!.lastDevice >= 2.05 && plain!.lastDevice < 4, `curl: ${plain!.lastDevice}`);
  });

  test('Ctrl-C takes everything down', async () => {
    const child = spawn(process.execPath, [lab, ...small, '--tools', 'curl'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const mine = async () =>
      (await run('ip', ['netns', 'list'])).stdout
        .split('\n')
        .filter((line) => line.startsWith(`sluicelab-${child.pid}-`));
    while ((await mine()).length < 3 && child.exitCode === null) {
      await pause(20);
    }
    child.kill('SIGINT');
    assert.equal(await ended, 130);
    assert.deepEqual(await mine(), []);
  });
});
