import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { temporaryFolder } from '../store/store-fixture.ts';
import { claimDataDir } from './claim-data-dir.ts';

suite('the claim on a data directory', () => {
  test('is given once, and again after it was released', async (t) => {
    const dataDir = join(await temporaryFolder(t), 'a/b');
    const claim = await claimDataDir(dataDir);
    assert.equal((await stat(dataDir)).mode & 0o777, 0o700);
    await assert.rejects(claimDataDir(dataDir), (error: Error & { code: string }) => {
      assert.equal(error.code, 'AgentRunning');
      assert.ok(error.message.includes(dataDir));
      return true;
    });
    await claim.release();
    await (await claimDataDir(dataDir)).release();
  });

  test('is not given where no directory can be', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'file'), '');
    await assert.rejects(claimDataDir(join(folder, 'file/x')), { code: 'DiskUnwritable' });
  });
});
