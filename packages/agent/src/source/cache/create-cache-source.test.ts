import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSluiceError, ManualClock } from '@sluice/protocol';
import { sourceContract } from '../source.contract.ts';
import { serveObject } from '../testing/object-server.ts';
import { answerText, serveScript } from '../testing/scripted-server.ts';
import { cacheUrl } from './cache-url.ts';
import { createCacheSource } from './index.ts';

const never = new AbortController().signal;

sourceContract('cache host', async (bytes) => {
  const server = await serveObject(bytes);
  const cacheHost = server.origin.slice('http://'.length);
  const source = createCacheSource({
    cacheHost,
    url: 'https://cdn.test/file?a=b',
    clock: new ManualClock(),
  });
  return {
    ...server,
    source,
    [Symbol.asyncDispose]: async () => {
      await source.close();
      await server[Symbol.asyncDispose]();
    },
  };
});

describe('cache source', () => {
  it('names the origin in the query', () => {
    const cases: [host: string, url: string, expected: string][] = [
      ['mcc', 'http://cdn.test/p', 'http://mcc/p?cacheHostOrigin=cdn.test'],
      ['mcc:8080', 'http://cdn.test/p?a=b', 'http://mcc:8080/p?a=b&cacheHostOrigin=cdn.test'],
      ['10.0.0.1', 'https://CDN.test:8443/', 'http://10.0.0.1/?cacheHostOrigin=cdn.test:8443'],
      ['[::1]:81', 'http://[::2]:82/x y', 'http://[::1]:81/x%20y?cacheHostOrigin=[::2]:82'],
      ['mcc', 'http://u:p@cdn.test/p#frag', 'http://mcc/p?cacheHostOrigin=cdn.test'],
    ];
    for (const [host, url, expected] of cases) assert.equal(cacheUrl(host, url), expected);
  });

  it('refuses what is no host or no URL', () => {
    for (const host of ['', 'a b', 'a/b', 'u@h', 'h?x', 'h:99999', 'http://h']) {
      assert.throws(
        () => cacheUrl(host, 'http://cdn.test/'),
        (e) => isSluiceError(e, 'InvalidArgument'),
        host,
      );
    }
    for (const url of ['', '/p', 'ftp://h/p', 'file:///etc/passwd']) {
      assert.throws(
        () => cacheUrl('mcc', url),
        (e) => isSluiceError(e, 'InvalidArgument'),
        url,
      );
    }
  });

  it('gives up connecting after 3 s', async () => {
    const clock = new ManualClock();
    await using server = await serveScript(() => {});
    const cacheHost = `127.0.0.1:${server.port}`;
    await using closing = { [Symbol.asyncDispose]: () => source.close() };
    const source = createCacheSource({ cacheHost, url: 'http://cdn.test/p', clock });
    const opened = source.open(never);
    clock.advance(3000);
    await assert.rejects(opened, (e) => isSluiceError(e, 'SourceConnectTimeout'));
    assert.equal(source.kind, 'cache');
    assert.ok(closing);
  });

  it('does not follow a redirect away from the cache host', async () => {
    await using server = await serveScript((socket) => {
      socket.write(answerText('302 Found', { Location: 'http://127.0.0.1:1/elsewhere' }));
    });
    const cacheHost = `127.0.0.1:${server.port}`;
    const source = createCacheSource({
      cacheHost,
      url: 'http://cdn.test/p',
      clock: new ManualClock(),
    });
    await assert.rejects(source.open(never), (e) => isSluiceError(e, 'SourceRedirectRefused'));
    await source.close();
  });
});
