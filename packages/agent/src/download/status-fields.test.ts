import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DownloadStatus, pieceLength } from '@sluice/protocol';
import { connectLocalApi } from '../local-api/client.ts';
import { serveLocalApi } from '../local-api/server.ts';
import { createPieceWorker, openContentStore } from '../store/index.ts';
import { pieceOf } from '../store/store-fixture.ts';
import { bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';
import { originTag } from './origin-tag.ts';

const bytes = bytesOf(12 * mib - 5);
const phf = phfOf(bytes);
const content = {
  bytes,
  simple: { key: 'x', ...phf, validator: '' },
  verified: { key: 'x', ...phf },
};

/** Which pieces came from whom in an earlier run; the rest, with the short one at the end, is for HTTP. */
const script = [
  [{ kind: 'http' }, [0]],
  [{ kind: 'cache' }, [1, 2]],
  [{ kind: 'peer', peerClass: 'Lan' }, [3, 4, 5]],
  [{ kind: 'peer', peerClass: 'LinkLocal' }, [6]],
  [{ kind: 'peer', peerClass: 'Group' }, [7]],
  [{ kind: 'peer', peerClass: 'Internet' }, [8, 9]],
] as const;

async function runScript(root: string): Promise<void> {
  await using worker = createPieceWorker();
  const store = await openContentStore({ root, worker });
  const entry = await store.open({ key: phf.hashOfHashes, ...phf });
  for (const [origin, pieces] of script) {
    for (const p of pieces) {
      assert.ok(await entry.writePiece(p, pieceOf(content, p), originTag(origin)));
    }
  }
  await store.close();
}

/** The fields of Get-DeliveryOptimizationStatus (admin.md §2); ours come after them. */
function fieldsOf(s: DownloadStatus) {
  const { Id: _, State: __, DownloadModeReason, Output, Sha256, Verified, ...rest } = s;
  const { DuplicateBytes, ResumedBytes, BadPieces, BannedPeers, BytesPerSecond, ...more } = rest;
  const { Error: ___, Notes, DownloadDuration, ...fields } = more;
  assert.ok(DownloadDuration >= 0 && Number.isInteger(DownloadDuration));
  return fields;
}

test('every field of `status --json` is as Delivery Optimization defines it, with all kinds of sources', async () => {
  await using cloud = await FakeCloud.start();
  await using source = await MisbehavingSource.start(bytes);
  cloud.publish(source.url(), phf);
  await using device = await Device.create();
  await runScript(device.path('data'));
  const today = new Date(2026, 10, 20);
  const options = { cloudUrl: cloud.url, today: () => today, persistent: true };
  const agent = await device.agent(options);
  await using api = await serveLocalApi(agent, { dataDir: device.path('data') });
  await using client = (await connectLocalApi(device.path('data')))!;
  assert.ok(api.address);

  source.limit = 0.5 * mib;
  const { Id } = await client.download({
    Url: source.url(),
    Output: device.path('out'),
    Foreground: true,
    PredefinedCallerApplication: 'a test',
  });
  await source.limitReached;
  const [running] = (await client.status()).Downloads;
  const last = pieceLength(phf, 11);
  const here = 10 * mib;
  const expected = {
    FileId: running!.FileId,
    FileSize: bytes.length,
    FileSizeInCache: here,
    TotalBytesDownloaded: here,
    // 7 of 10 MiB.
    PercentPeerCaching: 70,
    BytesFromPeers: 7 * mib,
    BytesFromHttp: 3 * mib,
    Status: 'Downloading',
    Priority: 'Foreground',
    BytesFromCacheServer: 2 * mib,
    BytesFromLanPeers: 3 * mib,
    BytesFromLinkLocalPeers: mib,
    BytesFromGroupPeers: mib,
    BytesFromInternetPeers: 2 * mib,
    BytesToLanPeers: 0,
    BytesToLinkLocalPeers: 0,
    BytesToGroupPeers: 0,
    BytesToInternetPeers: 0,
    HttpConnectionCount: running!.HttpConnectionCount,
    CacheServerConnectionCount: 0,
    LanConnectionCount: 0,
    LinkLocalConnectionCount: 0,
    GroupConnectionCount: 0,
    InternetConnectionCount: 0,
    DownloadMode: 'Lan',
    SourceURL: source.url(),
    CacheHost: null,
    NumPeers: 0,
    PredefinedCallerApplication: 'a test',
    ExpireOn: null,
    IsPinned: false,
  };
  assert.match(expected.FileId, /^[0-9a-f]{64}$/);
  assert.ok(expected.HttpConnectionCount >= 1);
  assert.deepEqual(fieldsOf(running!), expected);

  source.limit = Number.POSITIVE_INFINITY;
  await agent.find(Id)!.finished;
  // Another device gets it from here.
  const other = await device.agent({ ...options, dataDir: device.path('data-2') });
  source.objects.clear();
  const got = await other.download({ Url: source.url(), Output: device.path('out-2') });
  const { NumPeers, BytesFromLanPeers, PercentPeerCaching } = await got.finished;
  assert.deepEqual([NumPeers, BytesFromLanPeers, PercentPeerCaching], [1, bytes.length, 100]);
  const [done] = (await client.status()).Downloads;
  assert.deepEqual(fieldsOf(done!), {
    ...expected,
    Status: 'Caching',
    FileSizeInCache: bytes.length,
    TotalBytesDownloaded: bytes.length,
    PercentPeerCaching: (100 * 7 * mib) / bytes.length,
    BytesFromHttp: 4 * mib + last,
    BytesToLanPeers: bytes.length,
    HttpConnectionCount: 0,
    LanConnectionCount: done!.LanConnectionCount,
    NumPeers: done!.NumPeers,
    // A day, as its publisher wishes.
    ExpireOn: new Date(today.getTime() + 86_400_000).toISOString(),
  });

  // What an earlier run brought was accounted then.
  const month = await client.admin.monthSnap();
  assert.equal(month.DownloadHttpBytes, mib + last);
  assert.equal(month.UploadLanBytes, bytes.length);
  assert.equal(month.MonthStartDate, new Date(2026, 10, 1).toISOString());
  const snap = await client.admin.perfSnap();
  assert.deepEqual(
    [snap.Files, snap.FilesDownloaded, snap.FilesUploaded, snap.CacheSizeBytes],
    [1, 1, 1, bytes.length],
  );
  assert.deepEqual(
    [snap.TotalBytesUploaded, snap.AverageUploadSize, snap.Verbose.BytesToLanPeers],
    [bytes.length, bytes.length, bytes.length],
  );
});
