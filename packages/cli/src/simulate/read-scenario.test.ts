import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { command, runCli, temporaryHome } from '../run-cli.test-support.ts';
import { readScenario } from './read-scenario.ts';

const scenario = path.join(import.meta.dirname, '../../../simulator/scenarios/one-piece.json');
const skip = process.platform === 'win32';

test('a pipe, a folder or a device is no scenario, and holds up nobody', { skip }, async () => {
  await using home = await temporaryHome();
  const pipe = home.path('pipe');
  execFileSync('/usr/bin/mkfifo', [pipe]);
  for (const file of [pipe, home.folder, '/dev/zero']) {
    await assert.rejects(
      readScenario(file),
      (error) =>
        isSluiceError(error, 'FileUnreadable') && /it is no regular file/.test(error.message),
      file,
    );
  }
});

// As shells name what they pipe to a command.
for (const file of ['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']) {
  const isUnknown = skip || (file.startsWith('/proc') && process.platform !== 'linux');
  test(`what ${file} is fed with is read`, { skip: isUnknown }, async () => {
    const script = 'cat "$0" | "$@"';
    const { code, stdout, stderr } = await runCli(['simulate', file], {
      command: ['/bin/sh', '-c', script, scenario, ...command] as [string, ...string[]],
    });
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^one-piece, seed/);
  });
}
