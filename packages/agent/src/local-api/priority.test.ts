import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { DownloadStatus } from '@sluice/protocol';
import { Device, mib } from '../testing/device.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';
import { bytes, is, life, until, world } from './jobs-world.test-kit.ts';

async function lastOf(
  statuses: AsyncIterable<DownloadStatus>,
): Promise<DownloadStatus | undefined> {
  let last: DownloadStatus | undefined;
  for await (const status of statuses) last = status;
  return last;
}

suite('foreground and background over the agent’s API', () => {
  test('moves it while it runs, not after', async () => {
    await using w = await world();
    w.source.limit = mib;
    const Output = w.device.path('out');
    const { Id } = await w.client.download({ Url: w.source.url(), Output });
    const followed = lastOf(w.client.follow(Id));
    await w.source.limitReached;
    assert.equal((await w.client.setForeground(Id, true)).Priority, 'Foreground');
    assert.equal((await w.client.setForeground(Id, false)).Priority, 'Background');
    assert.equal((await w.client.setForeground(Id, true)).Priority, 'Foreground');
    const switches = (await w.client.why(Id)).Decisions.filter((d) => d.Type.startsWith('to'));
    assert.deepEqual(
      switches.map((d) => d.Type),
      ['toForeground', 'toBackground', 'toForeground'],
    );
    w.source.limit = Number.POSITIVE_INFINITY;
    assert.equal((await followed)?.Priority, 'Foreground');
    const over = { code: 'ServiceRefused', message: /409 .*ended: it is Finalized/ };
    await assert.rejects(w.client.setForeground(Id, false), over);
    await assert.rejects(w.client.setForeground('nope', true), /404 .*no download/);
    for (const wrong of ['true', 1, null, undefined]) {
      const asked = w.client.setForeground(Id, wrong as never);
      await assert.rejects(asked, { message: /refused: 400/ }, `${wrong}`);
    }
  });

  test('moves a job that is Transferring, which stays there after a restart', async () => {
    await using source = await MisbehavingSource.start(bytes);
    await using device = await Device.create();
    let id: string;
    {
      await using w = await life(device, source);
      const { jobs } = w.client;
      source.limit = mib;
      const LocalPath = device.path('out');
      const { Id } = await jobs.create({ Uri: source.url(), LocalPath });
      id = Id;
      await jobs.start(Id);
      await source.limitReached;
      const priority = async () => (await w.client.status()).Downloads[0]?.Priority;
      assert.equal(await priority(), 'Background');
      const { Properties } = await jobs.set(Id, { ForegroundPriority: true });
      assert.deepEqual([Properties.ForegroundPriority, await priority()], [true, 'Foreground']);
      // Its administrator may do so by the download, and the job knows.
      const { DownloadId } = await jobs.status(Id);
      await w.client.setForeground(DownloadId!, false);
      assert.equal(await jobs.property(Id, 'ForegroundPriority'), false);
      await jobs.set(Id, { ForegroundPriority: true });
      await assert.rejects(
        jobs.set(Id, { Sha256: 'a'.repeat(64) }),
        /409 .*Transferring cannot have its Sha256 set/,
      );
    }
    await using w = await life(device, source);
    const { jobs } = w.client;
    assert.equal(await jobs.property(id, 'ForegroundPriority'), true);
    source.limit = Number.POSITIVE_INFINITY;
    await until(w, id, is('Transferred'));
    assert.deepEqual(
      (await w.client.status()).Downloads.map((d) => d.Priority),
      ['Foreground'],
    );
  });
});
