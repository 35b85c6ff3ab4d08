import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { systemClock } from '../../clock/system-clock.ts';
import { Proxies, type ProxyWish } from '../proxy/index.ts';
import { type SourceFixture, sourceContract } from '../source.contract.ts';
import { fetchText, httpSource, never, rejectsWith, ways } from '../testing/fetching.ts';
import { serveObject } from '../testing/object-server.ts';
import { serveProxy } from '../testing/proxy-server.ts';
import { answerText, headerOf, serveScript } from '../testing/scripted-server.ts';
import { selfSigned } from '../testing/self-signed.ts';

const tls = await selfSigned();
const content = Buffer.from('the content');

function routes(wish: ProxyWish, env: Record<string, string> = {}) {
  return new Proxies({}, env, systemClock).for(wish);
}

/** The object at a name that only the proxy can resolve. */
function farName(origin: string): string {
  return origin.replace('127.0.0.1', 'far.test');
}

for (const scheme of ['http', 'https'] as const) {
  const make = async (bytes: Uint8Array): Promise<SourceFixture> => {
    const server = await serveObject(bytes, scheme === 'https' ? tls : undefined);
    const proxy = await serveProxy({ user: 'u:p' });
    const wish = { proxy: proxy.origin.replace('://', '://u:p@') };
    const source = httpSource(server.origin, { ca: tls.cert, routes: routes(wish) });
    return {
      ...server,
      source,
      [Symbol.asyncDispose]: async () => {
        await source.close();
        await proxy[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
  };
  // The proxy, in this process too, holds what it has read and cannot pass on.
  sourceContract(`${scheme.toUpperCase()} through a proxy`, make, 16 * 1_048_576);
}

describe('HTTP source, through a proxy', () => {
  for (const { way, generalOnly } of ways) {
    it(`${way}: names the whole URL and gives the credentials to the proxy alone`, async () => {
      await using server = await serveScript((s) => s.write(answerText('200 OK', {}, 'good')));
      await using proxy = await serveProxy({ user: 'u:p w' });
      const wish = { proxy: proxy.origin, user: 'u:p w' };
      await using source = httpSource(`${farName(server.origin)}/a?b=c`, {
        generalOnly,
        routes: routes(wish),
      });
      assert.equal(await fetchText(source), 'good');
      assert.match(proxy.lines[0] ?? '', /^GET http:\/\/far\.test:\d+\/a\?b=c$/);
      assert.equal(headerOf(server.requests[0] ?? '', 'Proxy-Authorization'), undefined);
      assert.match(headerOf(server.requests[0] ?? '', 'Host') ?? '', /^far\.test:/);
    });

    it(`${way}: says when the proxy wants credentials, or cannot be reached`, async () => {
      await using proxy = await serveProxy({ user: 'u:p' });
      const wrong = { proxy: proxy.origin.replace('://', '://u:secret@') };
      await using source = httpSource('http://far.test/x', { generalOnly, routes: routes(wrong) });
      const error = await rejectsWith(source.open(never), 'SourceProxyUnauthorized');
      assert.doesNotMatch(JSON.stringify([error.message, error.params]), /secret/);
      await using lost = httpSource('http://far.test/x', {
        generalOnly,
        routes: routes({ proxy: 'http://127.0.0.1:1' }),
      });
      await rejectsWith(lost.open(never), 'SourceProxyFailed', { retryable: true });
    });
  }

  it('tunnels https, and names what the proxy answers', async () => {
    await using server = await serveObject(content, tls);
    await using proxy = await serveProxy({ user: 'u:p' });
    const url = server.origin.replace('127.0.0.1', 'localhost');
    const named = { proxy: proxy.origin, user: 'u:p' };
    await using source = httpSource(url, { ca: tls.cert, routes: routes(named) });
    assert.equal(await fetchText(source), 'the content');
    assert.match(proxy.lines[0] ?? '', /^CONNECT localhost:\d+$/);
    const options = { ca: tls.cert, routes: routes({ proxy: proxy.origin }) };
    await using without = httpSource(url, options);
    await rejectsWith(without.open(never), 'SourceProxyUnauthorized', { retryable: false });
    for (const [refuse, retryable] of [
      [403, false],
      [502, true],
    ] as const) {
      await using refusing = await serveProxy({ refuse });
      const wish = { proxy: refusing.origin };
      await using refused = httpSource(url, { ca: tls.cert, routes: routes(wish) });
      await rejectsWith(refused.open(never), 'SourceProxyFailed', { retryable, status: refuse });
    }
  });

  it('takes no TLS of the proxy for that of the source', async () => {
    const other = await selfSigned();
    await using server = await serveObject(content, other);
    await using proxy = await serveProxy();
    const wish = { proxy: proxy.origin };
    await using source = httpSource(server.origin, { ca: tls.cert, routes: routes(wish) });
    await rejectsWith(source.open(never), 'SourceTlsFailed');
  });

  it('speaks TLS to a proxy that wants it, for http and for https', async () => {
    await using proxy = await serveProxy({ tls });
    const options = { ca: tls.cert, routes: routes({ proxy: proxy.origin }) };
    for (const far of [undefined, tls]) {
      await using server = await serveObject(content, far);
      await using source = httpSource(server.origin, options);
      assert.equal(await fetchText(source), 'the content');
    }
    assert.match(proxy.lines[0] ?? '', /^GET http:/);
    assert.match(proxy.lines.at(-1) ?? '', /^CONNECT /);
  });

  it('goes as the environment says, never to a proxy for this machine', async () => {
    await using server = await serveScript((s) => s.write(answerText('200 OK', {}, 'good')));
    await using proxy = await serveProxy();
    const env = { http_proxy: proxy.origin, no_proxy: 'other.test' };
    for (const url of [server.origin, farName(server.origin)]) {
      await using source = httpSource(url, { routes: routes({}, env) });
      assert.equal(await fetchText(source), 'good');
    }
    assert.equal(proxy.lines.length, 1);
    assert.equal(routes({ proxy: 'direct' }, env), undefined);
  });
});

describe('HTTP source, by a proxy script', () => {
  const script = (body: string) => `function FindProxyForURL(url, host) { ${body} }`;
  const serve = (text: string) => serveScript((s) => s.write(answerText('200 OK', {}, text)));

  it('takes the proxies it names in turn, and passes over those that fail', async () => {
    await using server = await serve('good');
    await using proxy = await serveProxy({ user: 'u:p' });
    const { host } = new URL(proxy.origin);
    const way = `"SOCKS s.test:1; PROXY 127.0.0.1:1; PROXY ${host}; DIRECT"`;
    await using pac = await serve(
      script(`alert(url); return shExpMatch(host, "*.test") ? ${way} : "DIRECT";`),
    );
    const all = routes({ proxy: `pac+${pac.origin}/proxy.pac`, user: 'u:p' });
    for (let i = 0; i < 2; i++) {
      await using source = httpSource(`${farName(server.origin)}/a`, { routes: all });
      assert.equal(await fetchText(source), 'good');
    }
    await using direct = httpSource(server.origin, { routes: all });
    assert.equal(await fetchText(direct), 'good');
    assert.equal(proxy.lines.length, 2);
    assert.equal(pac.requests.length, 1, 'the script is fetched once');
  });

  it('survives scripts that are none, loop, or reach for this process', async () => {
    const bad = [
      'not a script at all (',
      'var x = 1;',
      script('while (true) {}'),
      script('return process.env.HOME'),
      script('return "SOCKS a:1"'),
      script('var a = []; while (true) a.push(new Array(100000));'),
    ];
    for (const text of bad) {
      await using pac = await serve(text);
      const all = routes({ proxy: `pac+${pac.origin}/` });
      await using source = httpSource('http://far.test/', { routes: all });
      await assert.rejects(source.open(never), (e) => isSluiceError(e, 'ProxyScriptFailed'), text);
    }
  });

  it('says when the script cannot be had', async () => {
    await using pac = await serveScript((s) => s.write(answerText('404 Not Found', {})));
    const all = routes({ proxy: `pac+${pac.origin}/` });
    await using source = httpSource('http://far.test/', { routes: all });
    await rejectsWith(source.open(never), 'ProxyScriptFailed', { retryable: true });
  });
});
