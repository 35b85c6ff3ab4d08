import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatPiecesHashFile } from '@sluice/protocol';
import { blackHole, refusedHost } from '../testing/addresses.test-kit.ts';
import { assertDelivered, bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(2 * mib + 3);
const phf = phfOf(bytes);
const { hashOfHashes: HashOfHashes } = phf;

suite('a cloud that is down: simple mode within two seconds, and said so', () => {
  test('refused', async () => {
    await using source = await MisbehavingSource.start(bytes);
    await using device = await Device.create();
    const status = await device.get(
      { Url: source.url() },
      { cloudUrl: `http://${await refusedHost()}` },
    );
    await assertDelivered(device, status, bytes);
    assert.equal(status.DownloadMode, 'Simple');
    assert.match(status.DownloadModeReason, /geo at http:.* cannot be reached/);
    assert.ok(status.DownloadDuration < 2_500, `${status.DownloadDuration} ms`);
  });

  test('black-holed: it accepts and never answers', async () => {
    await using hole = await blackHole();
    await using source = await MisbehavingSource.start(bytes);
    await using device = await Device.create();
    const status = await device.get({ Url: source.url() }, { cloudUrl: `http://${hole.host}` });
    await assertDelivered(device, status, bytes);
    assert.equal(status.DownloadMode, 'Simple');
    assert.match(status.DownloadModeReason, /no answer within 2000 ms/);
    assert.ok(status.DownloadDuration < 3_500, `${status.DownloadDuration} ms`);
  });

  const answers: Record<string, [status: number, body: string, reason: RegExp]> = {
    'failing with 500': [500, '{}', /geo refused: 500/],
    'a captive portal': [200, '<html>pay here</html>', /HTML in place of JSON/],
    'JSON of another kind': [200, '{"a":1}', /invalid reply/],
  };
  for (const [name, [code, body, reason]] of Object.entries(answers)) {
    test(name, async () => {
      await using cloud = await FakeCloud.start();
      cloud.intercept = (_, response) => {
        response.writeHead(code).end(body);
        return true;
      };
      await using source = await MisbehavingSource.start(bytes);
      await using device = await Device.create();
      const status = await device.get({ Url: source.url() }, { cloudUrl: cloud.url });
      await assertDelivered(device, status, bytes);
      assert.equal(status.DownloadMode, 'Simple');
      assert.match(status.DownloadModeReason, reason);
    });
  }

  test('in the middle: the download goes on', async () => {
    await using cloud = await FakeCloud.start();
    await using source = await MisbehavingSource.start(bytes);
    cloud.publish(source.url(), phf);
    await using device = await Device.create();
    const agent = await device.agent({ cloudUrl: cloud.url });
    source.limit = mib;
    const download = await agent.download({ Url: source.url(), Output: device.path('out') });
    await source.limitReached;
    cloud.intercept = (_, response) => {
      response.destroy();
      return true;
    };
    source.limit = Number.POSITIVE_INFINITY;
    const status = await download.finished;
    await assertDelivered(device, status, bytes);
    assert.equal(status.Verified, true);
  });
});

suite('what the cloud says of a content', () => {
  test('is the hash that pieces are held against', async () => {
    await using cloud = await FakeCloud.start();
    await using source = await MisbehavingSource.start(bytes);
    const ContentId = cloud.publish(source.url(), phf);
    await using device = await Device.create();
    const status = await device.get({ Url: source.url() }, { cloudUrl: cloud.url });
    await assertDelivered(device, status, bytes);
    assert.deepEqual([status.DownloadMode, status.DownloadModeReason], ['Lan', 'as set']);
    assert.deepEqual([status.Verified, status.Notes], [true, []]);
    assert.equal(cloud.joins[0]?.ContentId, ContentId);
  });

  test('nothing: simple mode, with the remedy that publishers have', async () => {
    await using cloud = await FakeCloud.start();
    await using source = await MisbehavingSource.start(bytes);
    await using device = await Device.create();
    const status = await device.get({ Url: source.url() }, { cloudUrl: cloud.url });
    await assertDelivered(device, status, bytes);
    assert.equal(status.DownloadMode, 'Simple');
    assert.match(status.DownloadModeReason, /knows no content for/);
    assert.equal(cloud.joins.length, 0);
  });

  test('a hash list that does not verify: simple mode, and said so', async () => {
    const other = formatPiecesHashFile(phfOf(bytesOf(2 * mib + 3, 'other')));
    for (const served of [other, '{"not":"a PHF"}', 'garbage']) {
      await using cloud = await FakeCloud.start();
      await using source = await MisbehavingSource.start(bytes);
      cloud.publish(source.url(), phf, served);
      await using device = await Device.create();
      const status = await device.get({ Url: source.url() }, { cloudUrl: cloud.url });
      await assertDelivered(device, status, bytes);
      assert.deepEqual([status.DownloadMode, status.Verified], ['Simple', false]);
      assert.match(status.DownloadModeReason, /no pieces hash file that verifies/);
      assert.match(status.Notes[0]!, /\/phf\/0: the pieces hash file/);
      assert.equal(status.BytesFromPeers, 0);
    }
  });

  test('credentials of the source are not told to the cloud', async () => {
    await using cloud = await FakeCloud.start();
    await using source = await MisbehavingSource.start(bytes);
    cloud.publish(source.url(), phf);
    const Url = source.url().replace('//', '//user:secret@');
    await using device = await Device.create();
    const status = await device.get({ Url }, { cloudUrl: cloud.url });
    await assertDelivered(device, status, bytes);
    const told = JSON.stringify([cloud.queries, cloud.joins, cloud.leaves, status]);
    assert.doesNotMatch(told, /secret/);
    assert.equal(cloud.joins[0]?.AltCatalogId, source.url());
  });
});

suite('a HashOfHashes from the caller', () => {
  test('without a cloud, the PHF beside the content', async () => {
    for (const beside of ['/file.phf', '/file/pieceshash']) {
      await using source = await MisbehavingSource.start(bytes);
      source.objects.set(beside, { content: Buffer.from(formatPiecesHashFile(phf)) });
      await using device = await Device.create();
      const status = await device.get({ Url: source.url(), HashOfHashes });
      await assertDelivered(device, status, bytes);
      assert.deepEqual([status.Verified, status.DownloadMode], [true, 'Lan']);
      assert.equal(status.DownloadModeReason, 'no cloud to find peers with');
    }
  });

  test('with the PHF elsewhere, and one beside the content that does not verify', async () => {
    await using source = await MisbehavingSource.start(bytes);
    source.objects.set('/else', { content: Buffer.from(formatPiecesHashFile(phf)) });
    source.objects.set('/file.phf', { content: Buffer.from('{}') });
    await using device = await Device.create();
    const PhfUrl = source.url('/else');
    const status = await device.get({ Url: source.url(), HashOfHashes, PhfUrl });
    await assertDelivered(device, status, bytes);
    assert.equal(status.Verified, true);
  });

  test('with a PHF that is not there: simple mode, and the place is named', async () => {
    await using source = await MisbehavingSource.start(bytes);
    await using device = await Device.create();
    const PhfUrl = source.url('/nowhere?sig=secret');
    const status = await device.get({ Url: source.url(), HashOfHashes, PhfUrl });
    await assertDelivered(device, status, bytes);
    assert.deepEqual([status.Verified, status.DownloadMode], [false, 'Simple']);
    assert.match(status.Notes.join('\n'), /\/nowhere.*404/);
    assert.doesNotMatch(status.Notes.join('\n'), /secret/);
  });

  test('other than the cloud’s: the caller’s counts', async () => {
    await using cloud = await FakeCloud.start();
    await using source = await MisbehavingSource.start(bytes);
    source.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phf)) });
    cloud.publish(source.url(), phfOf(bytesOf(mib, 'other')));
    await using device = await Device.create();
    const request = { Url: source.url(), HashOfHashes };
    const status = await device.get(request, { cloudUrl: cloud.url });
    await assertDelivered(device, status, bytes);
    assert.equal(status.Verified, true);
    assert.match(status.Notes.join('\n'), /names another HashOfHashes/);
    assert.notEqual(cloud.joins[0]?.ContentId, undefined);
  });
});
