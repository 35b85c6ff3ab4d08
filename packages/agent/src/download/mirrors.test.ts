import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { suite, test } from 'node:test';
import { formatPiecesHashFile } from '@sluice/protocol';
import { pino } from 'pino';
import { serveObject } from '../source/testing/object-server.ts';
import { refusedHost } from '../testing/addresses.test-kit.ts';
import {
  assertDelivered,
  assertFailed,
  bytesOf,
  Device,
  mib,
  phfOf,
} from '../testing/device.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(24 * mib + 9);
const phf = phfOf(bytes);
const { hashOfHashes: HashOfHashes } = phf;

/** A source, a mirror that has the same object, and a device. */
async function world() {
  const stack = new AsyncDisposableStack();
  const source = stack.use(await MisbehavingSource.start(bytes));
  const mirror = stack.use(await MisbehavingSource.start(bytes));
  source.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phf)) });
  const device = stack.use(await Device.create());
  return { source, mirror, device, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

suite('mirrors', () => {
  for (const hash of [{}, { HashOfHashes }]) {
    const kind = 'HashOfHashes' in hash ? 'verified' : 'simple mode';

    test(`${kind}: bring bytes beside the source`, async () => {
      await using w = await world();
      const request = { Url: w.source.url(), Mirrors: [w.mirror.url()], ...hash };
      const status = await w.device.get({ ...request, Foreground: true });
      await assertDelivered(w.device, status, bytes);
      assert.ok(w.mirror.requests.length > 0);
      assert.ok(w.source.requests.length > 0);
      assert.equal(status.BytesFromHttp, bytes.length);
    });

    test(`${kind}: stand in for a source that is down`, async () => {
      await using w = await world();
      const Url = `http://${await refusedHost()}/file`;
      const PhfUrl = `${w.source.origin}/file.phf`;
      const request = { Url, Mirrors: [w.mirror.url()], ...hash, PhfUrl };
      const status = await w.device.get(request);
      await assertDelivered(w.device, status, bytes);
    });

    test(`${kind}: that are down, or refuse, change nothing`, async () => {
      await using w = await world();
      w.mirror.misbehave = (_, response) => {
        response.writeHead(404).end();
        return 'answered';
      };
      const Mirrors = [w.mirror.url(), `http://${await refusedHost()}/x`];
      const status = await w.device.get({ Url: w.source.url(), Mirrors, ...hash });
      await assertDelivered(w.device, status, bytes);
    });
  }

  test('simple mode: of another version, length, or none named, bring no byte', async () => {
    const other = bytesOf(bytes.length, 'other');
    const makes = [
      () => MisbehavingSource.start(other),
      () => MisbehavingSource.start(other.subarray(0, mib)),
      () => serveObject(other),
    ];
    for (const make of makes) {
      await using w = await world();
      await using wrong = await make();
      w.source.objects.get('/file')!.etag = '"right"';
      const Mirrors = [`${wrong.origin}/file`];
      const status = await w.device.get({ Url: w.source.url(), Mirrors, Foreground: true });
      await assertDelivered(w.device, status, bytes);
      assert.equal(status.DuplicateBytes, 0);
    }
  });

  test('verified: one with wrong bytes is found out', async () => {
    await using w = await world();
    await using wrong = await MisbehavingSource.start(bytesOf(bytes.length, 'other'));
    const Mirrors = [wrong.url(), w.mirror.url()];
    const request = { Url: w.source.url(), Mirrors, HashOfHashes, Foreground: true };
    const status = await w.device.get(request);
    await assertDelivered(w.device, status, bytes);
    assert.ok(status.Verified);
  });

  test('all down: the source’s own fault is told', async () => {
    await using w = await world();
    w.source.misbehave = (_, response) => {
      response.writeHead(403).end();
      return 'answered';
    };
    const Mirrors = [`http://${await refusedHost()}/x`];
    await assertFailed(
      w.device,
      await w.device.get({ Url: w.source.url(), Mirrors }),
      'SourceForbidden',
    );
  });
});

suite('secrets', () => {
  test('go to the origin of the URL alone, and into no log, status or store', async () => {
    await using source = await serveObject(bytes);
    await using mirror = await serveObject(bytes);
    await using device = await Device.create();
    let log = '';
    const sink = new Writable({
      write(chunk, _encoding, done) {
        log += chunk;
        done();
      },
    });
    const agent = await device.agent({
      persistent: true,
      logger: pino({ level: 'trace' }, sink),
    });
    const download = await agent.download({
      Url: `${source.origin}/file`.replace('://', '://user:s3cret@'),
      Output: device.path('out'),
      Headers: { 'X-Api-Key': 's3cret' },
      Mirrors: [`${mirror.origin}/file`],
      Proxy: 'direct',
      ProxyUser: 'user:s3cret',
      Foreground: true,
    });
    const status = await download.finished;
    await assertDelivered(device, status, bytes);
    assert.ok(source.requests.every((r) => r.headers['x-api-key'] === 's3cret'));
    assert.ok(mirror.requests.length > 0);
    assert.doesNotMatch(JSON.stringify(mirror.requests.map((r) => r.headers)), /s3cret|auth/i);
    assert.doesNotMatch(JSON.stringify([status, download.why(), agent.status()]), /s3cret/);
    assert.doesNotMatch(log, /s3cret/);
    await agent.close();
    const data = device.path('data');
    for (const name of await readdir(data, { recursive: true, withFileTypes: true })) {
      if (!name.isFile() || name.parentPath.endsWith('jobs')) continue;
      assert.doesNotMatch(await readFile(join(name.parentPath, name.name), 'latin1'), /s3cret/);
    }
  });

  test('that cannot be used are refused without being shown', async () => {
    await using device = await Device.create();
    const agent = await device.agent();
    const request = { Url: 'http://a.test/x', Output: device.path('out') };
    for (const wrong of [
      { Headers: { Range: 's3cret' } },
      { Headers: { 'X-Key': 's3cret\r\nHost: b' } },
      { ClientCert: { Cert: 's3cret', Key: 's3cret' } },
      { Proxy: 'socks5://u:s3cret@h' },
      { Proxy: 'pac+ftp://u:s3cret@h' },
      { Mirrors: ['file:///s3cret'] },
    ]) {
      await assert.rejects(agent.download({ ...request, ...wrong }), (error: Error) => {
        assert.match((error as Error & { code: string }).code, /^(InvalidArgument|ProxyInvalid)$/);
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      });
    }
  });
});
