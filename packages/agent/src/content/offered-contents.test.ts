import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, Device, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

test('of five complete contents the array knows four, and a fifth when one goes', async () => {
  await using stack = new AsyncDisposableStack();
  const cloud = stack.use(await FakeCloud.start());
  const device = stack.use(await Device.create());
  const agent = await device.agent({ cloudUrl: cloud.url });
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    const bytes = bytesOf(100_000, `content ${i}`);
    const source = stack.use(await MisbehavingSource.start(bytes));
    ids.push(cloud.publish(source.url(), phfOf(bytes)));
    const request = { Url: source.url(), Output: device.path(`out-${i}`) };
    source.limit = 0;
    const download = await agent.download(request);
    // What is complete before it was ever listed is not listed then, and so never leaves.
    while (cloud.joins.at(-1)?.ContentId !== ids[i]) await cloud.nextRequest();
    source.limit = Number.POSITIVE_INFINITY;
    assert.equal((await download.finished).State, 'Finalized');
  }
  const known = () => {
    const left = cloud.leaves.map((l) => (l as { ContentId?: string }).ContentId);
    return ids.filter((id) => !left.includes(id));
  };
  while (cloud.leaves.length < 1) await cloud.nextRequest();
  assert.deepEqual(known(), ids.slice(0, 4));
  const joins = cloud.joins.length;
  await agent.remove(agent.downloads()[0]!.id);
  while (cloud.joins.length === joins) await cloud.nextRequest();
  assert.equal(cloud.joins.at(-1)!.ContentId, ids[4]);
});
