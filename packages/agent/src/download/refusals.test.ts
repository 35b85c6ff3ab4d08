import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatPiecesHashFile } from '@sluice/protocol';
import { selfSigned } from '../source/testing/self-signed.ts';
import { refusedHost } from '../testing/addresses.test-kit.ts';
import { assertFailed, bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { MisbehavingSource, type Misbehaviour } from '../testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(5 * mib + 17);
const phf = phfOf(bytes);
const { hashOfHashes: HashOfHashes } = phf;

/** Answers requests for the content, leaves the hash list alone. */
const forFile =
  (answer: Misbehaviour): Misbehaviour =>
  (request, response, n) =>
    request.url?.startsWith('/file.phf') ? undefined : answer(request, response, n);

const status = (code: number, headers: Record<string, string> = {}) =>
  forFile((_, response) => {
    response.writeHead(code, headers).end('<html>');
    return 'answered';
  });

const refusals: Record<string, { code: string; exitCode: number; misbehave: Misbehaviour }> = {
  '404': { code: 'SourceNotFound', exitCode: 4, misbehave: status(404) },
  '403': { code: 'SourceForbidden', exitCode: 4, misbehave: status(403) },
  '401': { code: 'SourceUnauthorized', exitCode: 4, misbehave: status(401) },
  '410': { code: 'SourceGone', exitCode: 4, misbehave: status(410) },
  'a redirect loop': {
    code: 'SourceRedirectLoop',
    exitCode: 4,
    misbehave: status(302, { location: '/file' }),
  },
  'a redirect to another scheme': {
    code: 'SourceRedirectRefused',
    exitCode: 4,
    misbehave: status(302, { location: 'file:///etc/passwd' }),
  },
  'a gzipped answer': {
    code: 'SourceEncoded',
    exitCode: 4,
    misbehave: forFile(() => ({ encoding: 'gzip' })),
  },
  '500 at every try': { code: 'SourceServerError', exitCode: 4, misbehave: status(500) },
  '503 with a long Retry-After': {
    code: 'SourceServerError',
    exitCode: 4,
    misbehave: status(503, { 'retry-after': '3600' }),
  },
};

suite('what a source refuses is named, with a remedy, and leaves nothing behind', () => {
  for (const [name, { code, exitCode, misbehave }] of Object.entries(refusals)) {
    for (const verified of [false, true]) {
      test(`${name}${verified ? ', with a PHF' : ''}`, async () => {
        await using source = await MisbehavingSource.start(bytes);
        source.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phf)) });
        source.misbehave = misbehave;
        await using device = await Device.create();
        const startedAt = device.clock.now();
        const hash = verified ? { HashOfHashes } : {};
        const result = await device.get({ Url: source.url(), ...hash });
        await assertFailed(device, result, code);
        assert.equal(result.Error?.ExitCode, exitCode);
        assert.match(result.Error.Message, /127\.0\.0\.1/);
        assert.ok(device.clock.now() - startedAt < 6_000, 'it should have failed fast');
      });
    }
  }

  test('a certificate nobody vouches for', async () => {
    await using source = await MisbehavingSource.start(bytes, await selfSigned());
    await using device = await Device.create();
    const result = await device.get({ Url: source.url() });
    await assertFailed(device, result, 'SourceTlsFailed');
    assert.equal(result.Error?.ExitCode, 3);
  });
});

suite('a host that cannot be reached fails within seconds', () => {
  test('no such name', async () => {
    await using device = await Device.create();
    for (const hash of [{}, { HashOfHashes }]) {
      const result = await device.get({ Url: 'http://no-such-host.invalid/f', ...hash });
      await assertFailed(device, result, 'SourceDnsFailed');
      assert.ok(result.DownloadDuration < 6_000, `${result.DownloadDuration} ms`);
    }
  });

  test('a port that refuses is tried three times', async () => {
    const host = await refusedHost();
    await using device = await Device.create();
    for (const hash of [{}, { HashOfHashes }]) {
      const result = await device.get({ Url: `http://${host}/f`, ...hash });
      await assertFailed(device, result, 'SourceRefused');
      assert.ok(result.DownloadDuration < 6_000, `${result.DownloadDuration} ms`);
    }
  });

  test('the hash list is known, the content is nowhere: the source is not tried for a minute', async () => {
    await using source = await MisbehavingSource.start(bytes);
    source.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phf)) });
    source.misbehave = forFile((request) => {
      request.socket.destroy();
      return 'answered';
    });
    await using device = await Device.create();
    const result = await device.get({ Url: source.url(), HashOfHashes });
    await assertFailed(device, result, 'SourceReset');
    assert.ok(result.DownloadDuration < 8_000, `${result.DownloadDuration} ms`);
    assert.ok(source.fetches >= 2, 'once is not enough');
  });
});
