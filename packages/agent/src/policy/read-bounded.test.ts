import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { temporaryFolder } from '../store/store-fixture.ts';
import { readBounded } from './read-bounded.ts';

test('a pipe, a folder or a device is no file of settings, and holds up nobody', {
  skip: process.platform === 'win32',
}, async (t) => {
  const folder = await temporaryFolder(t);
  execFileSync('/usr/bin/mkfifo', [`${folder}/pipe`]);
  for (const path of [`${folder}/pipe`, folder, '/dev/zero']) {
    await assert.rejects(readBounded(path), /it is no file/, path);
  }
});
