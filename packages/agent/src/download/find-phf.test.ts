import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatPiecesHashFile } from '@sluice/protocol';
import { assertDelivered, bytesOf, Device, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(100_000);
const phf = phfOf(bytes);
const text = formatPiecesHashFile(phf);

/** @returns the status, and how often the hash list was asked for. */
async function getWith(sentAlong: string | undefined) {
  await using cloud = await FakeCloud.start();
  await using source = await MisbehavingSource.start(bytes);
  cloud.publish(source.url(), phf, text, {}, sentAlong);
  await using device = await Device.create();
  const status = await device.get({ Url: source.url() }, { cloudUrl: cloud.url });
  await assertDelivered(device, status, bytes);
  assert.equal(status.Verified, true);
  return { status, asked: cloud.requests.filter((r) => r.startsWith('GET /phf/')).length };
}

suite('a hash list that comes with the content policy', () => {
  test('is not asked for', async () => {
    assert.equal((await getWith(undefined)).asked, 1);
    const { asked, status } = await getWith(text);
    assert.deepEqual([asked, status.Notes], [0, []]);
  });

  test('is asked for all the same when it does not verify, or is none, and that is noted', async () => {
    const other = formatPiecesHashFile(phfOf(bytesOf(100_001)));
    for (const wrong of [other, '{}', '']) {
      const { asked, status } = await getWith(wrong);
      assert.equal(asked, 1, wrong);
      assert.match(status.Notes.join(), /the content policy/);
    }
  });
});
