import assert from 'node:assert/strict';
import { statfsSync } from 'node:fs';
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { suite, type TestContext, test } from 'node:test';
import { formatPiecesHashFile } from '@sluice/protocol';
import { memoryDisk } from '../store/store-fixture.ts';
import {
  assertDelivered,
  assertFailed,
  bytesOf,
  Device,
  mib,
  phfOf,
  sha256Of,
} from '../testing/device.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(6 * mib + 1);
const phf = phfOf(bytes);
const { hashOfHashes: HashOfHashes } = phf;

async function startSource(): Promise<MisbehavingSource> {
  const source = await MisbehavingSource.start(bytes);
  source.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phf)) });
  return source;
}

suite('a target that cannot be written is said before a byte is fetched', () => {
  const targets: Record<string, (device: Device) => Promise<string>> = {
    'in a folder that is not there': async (d) => d.path('none/out'),
    'below a file': async (d) => {
      await writeFile(d.path('data-file'), '');
      return d.path('data-file/out');
    },
    'that is a folder': async (d) => {
      await mkdir(d.path('data-folder'));
      return d.path('data-folder');
    },
    'that is a link to nowhere': async (d) => {
      await symlink(d.path('none/x'), d.path('data-link'));
      return d.path('data-link');
    },
  };
  for (const [name, make] of Object.entries(targets)) {
    test(name, async () => {
      await using source = await startSource();
      await using device = await Device.create();
      const status = await device.get({ Url: source.url(), Output: await make(device) });
      await assertFailed(device, status, 'TargetUnwritable');
      assert.equal(status.Error?.ExitCode, 6);
      assert.equal(source.requests.length, 0);
    });
  }

  test('that becomes unwritable meanwhile: what was fetched stays for the next try', async () => {
    await using source = await startSource();
    await using device = await Device.create();
    await mkdir(device.path('data-target'));
    const request = { Url: source.url(), Output: device.path('data-target/out'), HashOfHashes };
    const agent = await device.agent();
    source.limit = 3 * mib;
    const download = await agent.download(request);
    await source.limitReached;
    await mkdir(device.path('data-target/out'));
    source.limit = Number.POSITIVE_INFINITY;
    await assertFailed(device, await download.finished, 'TargetUnwritable');
    const sent = source.bytesSent;
    const again = await agent.download({ ...request, Output: device.path('out') });
    await assertDelivered(device, await again.finished, bytes);
    assert.ok(source.bytesSent - sent < mib, 'it was here already');
  });
});

suite('a full disk', () => {
  /** A device whose store is on a small disk, and whose target is not. */
  async function onSmallDisk(t: TestContext, size: string) {
    const disk = await memoryDisk(t, size);
    return disk && { disk, device: await Device.create() };
  }

  for (const hash of [{}, { HashOfHashes }]) {
    const kind = 'HashOfHashes' in hash ? ', with a PHF' : '';
    test(`that has too little room from the first${kind}`, async (t) => {
      await using source = await startSource();
      const small = await onSmallDisk(t, '4m');
      if (!small) return;
      await using device = small.device;
      const status = await device.get({ Url: source.url(), ...hash }, { dataDir: small.disk });
      await assertFailed(device, status, 'DiskFull');
      assert.match(status.Error!.Message, new RegExp(small.disk));
      assert.ok(source.bytesSent < 3 * mib, 'it is known before the content is fetched');
    });

    test(`that fills up midway${kind}; with room again it goes on`, async (t) => {
      await using source = await startSource();
      const small = await onSmallDisk(t, '9m');
      if (!small) return;
      await using device = small.device;
      const agent = await device.agent({ dataDir: small.disk });
      source.limit = 3 * mib;
      const request = { Url: source.url(), Output: device.path('out'), ...hash };
      const download = await agent.download(request);
      await source.limitReached;
      await writeFile(`${small.disk}/hog`, Buffer.alloc(9 * mib)).catch(() => {});
      source.limit = Number.POSITIVE_INFINITY;
      await assertFailed(device, await download.finished, 'DiskFull');
      await writeFile(`${small.disk}/hog`, '');
      await assertDelivered(device, await (await agent.download(request)).finished, bytes);
    });
  }

  test('at the target of a stream of unknown length', async (t) => {
    const disk = await memoryDisk(t, '4m');
    if (!disk) return;
    await using source = await startSource();
    await using device = await Device.create();
    for (const manners of [{ noRanges: true, chunked: true }, {}]) {
      source.misbehave = () => manners;
      source.object.etag = undefined;
      const status = await device.get({ Url: source.url(), Output: `${disk}/out` });
      await assertFailed(device, status, 'DiskFull');
      assert.match(status.Error!.Message, new RegExp(disk));
    }
    assert.deepEqual(await readdir(disk), []);
  });

  test('at the target of a body that never ends: a twentieth is left to others', async (t) => {
    const disk = await memoryDisk(t, '60m');
    if (!disk) return;
    await using source = await startSource();
    await using device = await Device.create();
    let free = Number.POSITIVE_INFINITY;
    source.misbehave = (_, response) => {
      const chunk = Buffer.alloc(65_536, 'x');
      const go = () => {
        const { bavail, bsize } = statfsSync(disk);
        free = Math.min(free, bavail * bsize);
        if (!response.destroyed) response.write(chunk, () => setImmediate(go));
      };
      go();
      return 'answered';
    };
    const status = await device.get({ Url: source.url(), Output: `${disk}/out` });
    await assertFailed(device, status, 'DiskFull');
    assert.match(status.Error!.Message, /told no length/);
    assert.ok(free > 0, 'it took all');
    assert.deepEqual(await readdir(disk), []);
  });

  test('a data directory that cannot be written', async () => {
    await using device = await Device.create();
    await writeFile(device.path('data-file'), '');
    await assert.rejects(device.agent({ dataDir: device.path('data-file/x') }), {
      code: 'DiskUnwritable',
    });
    if (process.getuid?.() === 0) return;
    await mkdir(device.path('data-closed'));
    await chmod(device.path('data-closed'), 0o500);
    await assert.rejects(device.agent({ dataDir: device.path('data-closed/x') }), {
      code: 'DiskUnwritable',
    });
  });
});

suite('the caller’s SHA-256', () => {
  const wrong = '0'.repeat(64);
  const manners = {
    'in pieces': {},
    'in one stream': { noRanges: true, chunked: true },
  };
  for (const [name, how] of Object.entries(manners)) {
    test(`right and wrong, ${name}`, async () => {
      await using source = await startSource();
      source.misbehave = () => how;
      await using device = await Device.create();
      const bad = await device.get({ Url: source.url(), Sha256: wrong });
      await assertFailed(device, bad, 'Sha256Mismatch');
      assert.deepEqual([bad.Verified, bad.Sha256, bad.Error?.ExitCode], [false, null, 5]);
      const Sha256 = sha256Of(bytes).toUpperCase();
      const good = await device.get({ Url: source.url(), Sha256 });
      await assertDelivered(device, good, bytes);
      assert.deepEqual([good.Verified, good.Sha256], [true, Sha256.toLowerCase()]);
    });
  }

  test('wrong, with a PHF that verifies', async () => {
    await using source = await startSource();
    await using device = await Device.create();
    const status = await device.get({ Url: source.url(), HashOfHashes, Sha256: wrong });
    await assertFailed(device, status, 'Sha256Mismatch');
  });
});
