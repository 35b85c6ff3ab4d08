import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from './run-command.ts';

test('gives what the command prints, and rejects when it fails or is not there', async () => {
  assert.equal(await runCommand(process.execPath, ['-e', 'process.stdout.write("x y")']), 'x y');
  await assert.rejects(runCommand(process.execPath, ['-e', 'process.exit(1)']));
  await assert.rejects(runCommand('no-such-command-of-sluice', []));
});
