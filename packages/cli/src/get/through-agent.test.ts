import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { LocalApiClient } from '@sluice/agent/local-api';
import { type DownloadStatus, isSluiceError } from '@sluice/protocol';
import { getThroughAgent } from './through-agent.ts';

test('a file that the agent has put where only the agent sees it is no success', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-through-'));
  t.after(() => rm(folder, { recursive: true }));
  const Output = path.join(folder, 'f');
  const status = { Id: '1', State: 'Finalized', Output } as DownloadStatus;
  const client = {
    download: async () => ({ Id: '1' }),
    async *follow() {
      yield status;
    },
  } as unknown as LocalApiClient;
  const { signal } = new AbortController();
  const get = () => getThroughAgent(client, { Url: 'http://h/f', Output }, () => {}, signal);
  await assert.rejects(get, (error) => isSluiceError(error, 'TargetUnwritable'));
  await writeFile(Output, '');
  assert.equal(await get(), status);
});
