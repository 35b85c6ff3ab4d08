import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { test } from 'node:test';
import { temporaryHome } from '../run-cli.test-support.ts';
import { LogFile, logFiles } from './log-file.ts';

test('a log goes on where it was, and is set aside when it is long', async () => {
  await using home = await temporaryHome();
  const [older, current] = logFiles(home.folder);
  new LogFile(home.folder).write('first\n');
  const log = new LogFile(home.folder);
  log.write('second\n');
  assert.equal(await readFile(current, 'utf8'), 'first\nsecond\n');
  const line = `${'x'.repeat(1_048_575)}\n`;
  for (let i = 0; i < 10; i++) log.write(line);
  assert.equal((await stat(older)).size, 9 * 1_048_576 + 13);
  assert.equal((await stat(current)).size, 1_048_576);
  assert.equal((await stat(current)).mode & 0o777, 0o600);
});
