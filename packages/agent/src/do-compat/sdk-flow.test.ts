import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { suite, test } from 'node:test';
import { openDoCompat } from './serve-do-compat.ts';
import { type DoWorld, doWorld, started, statusWhen } from './testing/do-world.test-kit.ts';
import { discoverPort, SdkClient } from './testing/sdk-client.test-kit.ts';

/** As the SDK's blocking helper goes on (do-client-contract.md §4), only sooner. @returns 0 or an ErrorCode. */
async function downloadUrlToPath(client: SdkClient, url: string, path: string): Promise<number> {
  const Id = await started(client, url, path);
  const over = await statusWhen(client, Id, (s) => {
    const isTransient = s.Status === 'Paused' && s.ErrorCode === '0' && s.ExtendedErrorCode !== '0';
    return !['Created', 'Transferring'].includes(s.Status!) && !isTransient;
  });
  if (over.Status === 'Transferred') {
    await client.ok('POST', 'finalize', { Id });
    return 0;
  }
  await client.ok('POST', 'abort', { Id });
  assert.notEqual(over.ErrorCode, '0', 'the SDK would take this for success');
  return Number(over.ErrorCode);
}

/** Microsoft's interface of the same agent, begun anew. */
async function begunAnew(w: DoWorld) {
  const runDir = w.device.path('data-run');
  const { clock } = w.device;
  await w.compat.close();
  const compat = await openDoCompat({ runDir, configDir: w.device.path('data-etc'), clock });
  compat.serve(w.agent, w.device.path('data'));
  return compat;
}

suite('a client of the SDK (do-client-contract.md §1, §4, §8)', () => {
  test('downloads one file after another over its one connection', async () => {
    await using w = await doWorld({ hasNetwork: () => true });
    for (let i = 0; i < 5; i++) {
      const path = w.device.path(`out${i}`);
      assert.equal(await downloadUrlToPath(w.client, w.source.url(), path), 0);
      assert.ok((await w.device.read(`out${i}`)).equals(w.source.object.content));
    }
  });

  test('probes for files that are not there, as apt does, and leaves none', async () => {
    await using w = await doWorld({ hasNetwork: () => true });
    for (const name of ['InRelease', 'Release.gpg']) {
      const path = w.device.path(name);
      const code = await downloadUrlToPath(w.client, w.source.url(`/${name}`), path);
      assert.equal(code, 0x80190194 | 0);
      assert.equal(existsSync(path), false);
    }
  });

  test('finds the port again after a restart, which has forgotten all; partial files stay', async () => {
    await using w = await doWorld();
    w.source.limit = 0;
    const path = w.device.path('out');
    const Id = await started(w.client, w.source.url(), path);
    await using compat = await begunAnew(w);
    await w.client.closed();
    await using client = await SdkClient.connect(discoverPort(w.device.path('data-run')));
    assert.equal(compat.port, discoverPort(w.device.path('data-run')));
    assert.deepEqual(await client.fails('GET', 'getstatus', { Id }), [
      404,
      'NotFound',
      -2147023728,
    ]);
    assert.ok(existsSync(path));
    w.source.limit = Number.POSITIVE_INFINITY;
    assert.equal(await downloadUrlToPath(client, w.source.url(), w.device.path('again')), 0);
  });

  test('many clients at once, each with its own downloads', async () => {
    await using w = await doWorld();
    const clients = await Promise.all(Array.from({ length: 10 }, () => w.connect()));
    const codes = await Promise.all(
      clients.map((client, i) =>
        downloadUrlToPath(client, w.source.url(), w.device.path(`out${i}`)),
      ),
    );
    assert.deepEqual(codes, Array(10).fill(0));
  });
});
