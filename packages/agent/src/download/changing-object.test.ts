import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatPiecesHashFile } from '@sluice/protocol';
import {
  assertDelivered,
  assertFailed,
  bytesOf,
  Device,
  mib,
  phfOf,
} from '../testing/device.test-kit.ts';
import { MisbehavingSource, type ServedObject } from '../testing/misbehaving-source.test-kit.ts';

const old = bytesOf(8 * mib, 'old');
const now = bytesOf(8 * mib, 'new');
const longer = bytesOf(9 * mib + 5, 'new');
const phf = phfOf(old);
const { hashOfHashes: HashOfHashes } = phf;

const changes: Record<string, [before: ServedObject, after: ServedObject]> = {
  'another ETag': [
    { content: old, etag: '"1"' },
    { content: now, etag: '"2"' },
  ],
  'another Last-Modified': [
    { content: old, lastModified: 'Mon, 01 Jan 2024 00:00:00 GMT' },
    { content: now, lastModified: 'Tue, 02 Jan 2024 00:00:00 GMT' },
  ],
  'another length under the same date': [
    { content: old, lastModified: 'Mon, 01 Jan 2024 00:00:00 GMT' },
    { content: longer, lastModified: 'Mon, 01 Jan 2024 00:00:00 GMT' },
  ],
};

/** Serves `before` until 3 MiB have gone out, then `after`. */
async function changingSource([before, after]: [ServedObject, ServedObject]) {
  const source = await MisbehavingSource.start(before.content);
  source.objects.set('/file', before);
  source.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phf)) });
  source.limit = 3 * mib;
  const change = source.limitReached.then(() => {
    source.objects.set('/file', after);
    // Answers that have begun end as they began, cut off: their object is gone.
    source.misbehave = () => undefined;
    source.dropConnections();
    source.limit = Number.POSITIVE_INFINITY;
  });
  return { source, change };
}

suite('an object that changes midway is fetched anew, never spliced', () => {
  for (const [name, objects] of Object.entries(changes)) {
    test(name, async () => {
      const { source, change } = await changingSource(objects);
      await using _ = source;
      await using device = await Device.create();
      const status = await device.get({ Url: source.url() });
      await change;
      const [, { content }] = objects;
      await assertDelivered(device, status, content);
      assert.ok(status.Notes.some((n) => n.includes('changed: started anew')));
      assert.equal(status.TotalBytesDownloaded, content.length);
      assert.ok(status.DuplicateBytes > 0, 'what was fetched in vain is counted');
    });

    test(`${name}, with a PHF of the old one: an error, no wrong byte`, async () => {
      const { source, change } = await changingSource(objects);
      await using _ = source;
      await using device = await Device.create();
      const status = await device.get({ Url: source.url(), HashOfHashes });
      await change;
      const sameLength = objects[1].content.length === old.length;
      await assertFailed(device, status, sameLength ? 'SourceCorrupt' : 'SourceChanged');
      assert.equal(status.BadPieces > 0, sameLength);
    });
  }

  test('servers that each give their own ETag: with a PHF the pieces tell', async () => {
    await using source = await MisbehavingSource.start(old);
    source.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phf)) });
    source.misbehave = (_request, _response, n) => {
      source.object.etag = `"${n % 2}"`;
      return undefined;
    };
    await using device = await Device.create();
    const status = await device.get({ Url: source.url(), HashOfHashes });
    await assertDelivered(device, status, old);
    assert.equal(status.Verified, true);
    assert.deepEqual([status.DuplicateBytes, status.Notes], [0, []]);
  });

  test('the same without a PHF: in the end in one answer', async () => {
    await using source = await MisbehavingSource.start(old);
    source.misbehave = (_request, _response, n) => {
      source.object.etag = `"${n}"`;
      return undefined;
    };
    await using device = await Device.create();
    const status = await device.get({ Url: source.url() });
    await assertDelivered(device, status, old);
    assert.match(status.Notes.join('\n'), /changes all the time: one stream/);
    assert.equal(source.requests.at(-1)?.range, 'bytes=0-');
  });
});

suite('a source that names no version of its object', () => {
  test('gives it in one answer', async () => {
    await using source = await MisbehavingSource.start(old);
    source.object.etag = undefined;
    await using device = await Device.create();
    const status = await device.get({ Url: source.url() });
    await assertDelivered(device, status, old);
    assert.match(status.Notes.join('\n'), /names no version/);
    assert.equal(source.requests.at(-1)?.range, 'bytes=0-');
  });

  test('and breaks off: begun anew, so that two versions cannot mix', async () => {
    await using source = await MisbehavingSource.start(old);
    source.object.etag = undefined;
    source.misbehave = (_request, _response, n) => {
      if (n < 1) return undefined;
      if (n === 1) return { cutAfter: 3 * mib };
      source.object.content = now;
      return undefined;
    };
    await using device = await Device.create();
    const status = await device.get({ Url: source.url() });
    await assertDelivered(device, status, now);
    assert.ok(status.DuplicateBytes > 0);
    assert.equal(status.TotalBytesDownloaded, now.length);
  });

  test('is fetched in parts when the SHA-256 tells a splice', async () => {
    await using source = await MisbehavingSource.start(old);
    source.object.etag = undefined;
    source.misbehave = (_request, _response, n) => {
      if (n > 1) source.object.content = now;
      return undefined;
    };
    await using device = await Device.create();
    const status = await device.get({ Url: source.url(), Sha256: 'ab'.repeat(32) });
    await assertFailed(device, status, 'Sha256Mismatch');
    assert.ok(source.requests.length > 2);
  });
});
