import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatPiecesHashFile } from '@sluice/protocol';
import { CountingClock } from '../testing/counting-clock.test-kit.ts';
import {
  assertDelivered,
  assertFailed,
  bytesOf,
  Device,
  mib,
  phfOf,
} from '../testing/device.test-kit.ts';
import { type Manners, MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

async function sourceOf(bytes: Uint8Array, manners: Manners = {}): Promise<MisbehavingSource> {
  const source = await MisbehavingSource.start(bytes);
  source.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phfOf(bytes))) });
  source.misbehave = ({ url }) => (url === '/file' ? manners : undefined);
  return source;
}

const lengths = {
  'an empty file': 0,
  'one byte': 1,
  'exactly one piece': mib,
  'an exact multiple of the piece size': 3 * mib,
  'one byte more': 3 * mib + 1,
};
const ways: Record<string, Manners> = {
  'by ranges': {},
  'from a source without ranges': { noRanges: true },
  'of a length nobody tells': { noRanges: true, chunked: true },
};

for (const [way, manners] of Object.entries(ways)) {
  suite(way, () => {
    for (const [name, length] of Object.entries(lengths)) {
      test(name, async () => {
        const bytes = bytesOf(length);
        await using source = await sourceOf(bytes, manners);
        await using device = await Device.create();
        const plain = await device.get({ Url: source.url() });
        await assertDelivered(device, plain, bytes);
        assert.deepEqual([plain.Verified, plain.DownloadMode], [false, 'Simple']);
        assert.equal(plain.BytesFromHttp, length);
        const { hashOfHashes: HashOfHashes } = phfOf(bytes);
        const verified = await device.get({ Url: source.url(), HashOfHashes });
        await assertDelivered(device, verified, bytes);
        assert.deepEqual([verified.Verified, verified.DuplicateBytes], [true, 0]);
        assert.equal(verified.BytesFromHttp, length);
      });
    }
  });
}

suite('a source without ranges', () => {
  test('is asked for one stream, not for many', async () => {
    const bytes = bytesOf(6 * mib);
    await using source = await sourceOf(bytes, { noRanges: true });
    await using device = await Device.create();
    await assertDelivered(device, await device.get({ Url: source.url() }), bytes);
    assert.equal(source.fetches, 1);
    const { hashOfHashes: HashOfHashes } = phfOf(bytes);
    await assertDelivered(device, await device.get({ Url: source.url(), HashOfHashes }), bytes);
    assert.ok(source.bytesSent < 4 * bytes.length, 'parts are not asked for once this is known');
  });

  test('that breaks off goes on by a new stream, without a byte written twice', async () => {
    const bytes = bytesOf(6 * mib);
    await using source = await sourceOf(bytes);
    let streams = 0;
    source.misbehave = ({ url }) => {
      if (url !== '/file') return undefined;
      streams++;
      return streams === 1 ? { noRanges: true, cutAfter: 4 * mib } : { noRanges: true };
    };
    await using device = await Device.create();
    const status = await device.get({ Url: source.url() });
    await assertDelivered(device, status, bytes);
    assert.equal(status.BytesFromHttp, bytes.length);
    assert.ok(status.DuplicateBytes >= 4 * mib);
  });
});

suite('wrong lengths', () => {
  for (const verified of [false, true]) {
    test(`a body shorter than it said, always${verified ? ', with a PHF' : ''}`, async () => {
      const bytes = bytesOf(2 * mib);
      await using source = await sourceOf(bytes.subarray(0, 2 * mib - 7), { lengthLie: 7 });
      source.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phfOf(bytes))) });
      source.misbehave = ({ url }, response) => {
        if (url !== '/file') return undefined;
        // Says that there is more of it than ever comes.
        response.writeHead(200, { 'content-length': bytes.length, etag: '"1"' });
        response.write(source.object.content, () => response.destroy());
        return 'answered';
      };
      // It has worked, so it is tried with patience: the day is made shorter.
      await using device = await Device.create(new CountingClock(20));
      const { hashOfHashes: HashOfHashes } = phfOf(bytes);
      const status = await device.get({ Url: source.url(), ...(verified ? { HashOfHashes } : {}) });
      await assertFailed(device, status, 'SourceTruncated');
    });
  }

  test('an object shorter than its PHF says', async () => {
    const bytes = bytesOf(3 * mib);
    await using source = await sourceOf(bytes);
    source.object.content = bytes.subarray(0, 3 * mib - 1);
    await using device = await Device.create();
    const { hashOfHashes: HashOfHashes } = phfOf(bytes);
    const status = await device.get({ Url: source.url(), HashOfHashes });
    await assertFailed(device, status, 'SourceChanged');
  });

  test('a stream of unknown length that breaks off is begun anew, and given up at last', async () => {
    const bytes = bytesOf(3 * mib);
    const manners = { noRanges: true, chunked: true };
    await using source = await sourceOf(bytes);
    // The first answer only shows that it cannot be read directly, the second is the stream.
    source.misbehave = (_request, _response, n) => ({
      ...manners,
      ...(n < 2 ? { cutAfter: mib } : {}),
    });
    await using device = await Device.create(new CountingClock(20));
    const status = await device.get({ Url: source.url() });
    await assertDelivered(device, status, bytes);
    assert.equal(status.TotalBytesDownloaded, bytes.length);
    assert.equal(status.DuplicateBytes, mib);
    source.misbehave = () => ({ ...manners, cutAfter: mib });
    await assertFailed(
      device,
      await device
        .get({ Url: source.url(), Output: device.path('other') })
        .finally(() => device.remove()),
      'SourceTruncated',
    );
  });
});
