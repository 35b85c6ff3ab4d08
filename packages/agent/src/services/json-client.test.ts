import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { systemClock } from '../clock/system-clock.ts';
import { Proxies } from '../source/proxy/index.ts';
import { serveProxy } from '../source/testing/proxy-server.ts';
import { blackHole, refusedHost } from '../testing/addresses.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { JsonClient } from './json-client.ts';

const never = new AbortController().signal;

/** A client of a server that answers every request so. */
async function answered(status: number, body: string, headers: Record<string, string> = {}) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await FakeCloud.start());
  server.intercept = (_, response) => {
    response.writeHead(status, headers).end(body);
    return true;
  };
  const client = new JsonClient();
  stack.defer(() => client.close());
  const ask = (signal = never) => client.ask('geo', `${server.url}/geo?secret=1`, { signal });
  return { server, client, ask, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

suite('questions to a service', () => {
  test('GET without a body, POST with one', async () => {
    await using w = await answered(201, '{"a":1}');
    assert.deepEqual(await w.ask(), { status: 201, json: { a: 1 } });
    await w.client.ask('geo', `${w.server.url}/x`, { signal: never, body: {} });
    assert.deepEqual(w.server.requests, ['GET /geo', 'POST /x']);
  });

  test('a status that refuses is told, with its body; a redirect is not followed', async () => {
    await using w = await answered(302, '{}', { location: '/elsewhere' });
    assert.deepEqual(await w.ask(), { status: 302, json: {} });
    assert.equal(w.server.requests.length, 1);
  });

  test('what is not JSON, HTML, and what is too large', async () => {
    const bodies: [string, RegExp][] = [
      ['nonsense', /not JSON \(status 200\)/],
      [' <!doctype html>', /HTML in place of JSON/],
      ['', /not JSON/],
      [`"${'x'.repeat(1 << 20)}"`, /too large/],
    ];
    for (const [body, message] of bodies) {
      await using w = await answered(200, body);
      await assert.rejects(w.ask(), { code: 'ServiceInvalidReply', message });
    }
  });

  test('a service that cannot be reached is named, without the query', async () => {
    const client = new JsonClient();
    for (const host of [await refusedHost(), 'no-such-host.invalid']) {
      const asked = client.ask('geo', `http://${host}/geo?secret=1`, { signal: never });
      await assert.rejects(asked, ({ code, message }) => {
        assert.equal(code, 'ServiceUnreachable');
        assert.match(message, new RegExp(`^geo at http://${host}/geo cannot be reached: .+`));
        return true;
      });
    }
    await client.close();
  });

  test('an abort ends it, while connected and after', async () => {
    await using hole = await blackHole();
    const client = new JsonClient();
    const stop = new AbortController();
    const asked = client.ask('geo', `http://${hole.host}/`, { signal: stop.signal });
    stop.abort(new Error('no answer within 5 ms'));
    await assert.rejects(asked, { code: 'ServiceUnreachable', message: /within 5 ms/ });
    await client.close();
  });

  test('an abort ends it while the reply comes, too', async () => {
    await using w = await answered(200, '');
    const stop = new AbortController();
    w.server.intercept = (_, response) => {
      response.writeHead(200).write('{');
      return true;
    };
    const asked = w.ask(stop.signal);
    while (w.server.requests.length === 0) await new Promise((r) => setImmediate(r));
    stop.abort(new Error('no answer within 5 ms'));
    await assert.rejects(asked, { code: 'ServiceUnreachable', message: /within 5 ms/ });
  });

  test('a reply that breaks off is none', async () => {
    await using w = await answered(200, '');
    w.server.intercept = (_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{}', () => response.destroy());
      return true;
    };
    await assert.rejects(w.ask(), { code: 'ServiceUnreachable' });
  });

  test('questions share a connection, and send no credentials of the URL', async () => {
    await using w = await answered(200, '');
    const ports = new Set<number | undefined>();
    w.server.intercept = (_, response) => {
      ports.add(response.req.socket.remotePort);
      response.end(JSON.stringify(response.req.headers.authorization ?? null));
      return true;
    };
    const url = `${w.server.url.replace('//', '//user:pw@')}/`;
    for (const _ of [1, 2, 3]) {
      assert.equal((await w.client.ask('geo', url, { signal: never })).json, null);
    }
    assert.equal(ports.size, 1);
  });

  test('closing ends what is under way, and everything after it', async () => {
    await using hole = await blackHole();
    const client = new JsonClient();
    const ask = () => client.ask('geo', `http://${hole.host}/`, { signal: never });
    const asked = assert.rejects(ask(), { code: 'ServiceUnreachable' });
    await new Promise((resolve) => setImmediate(resolve));
    await client.close();
    await asked;
    await assert.rejects(ask(), { code: 'ServiceUnreachable' });
    await new JsonClient().close();
  });
});

suite('questions to a service through a proxy', () => {
  /** @returns the routes that the environment names, as for downloads. */
  const routes = (env: Record<string, string>) => new Proxies({}, env, systemClock).for({});
  const asked = async (env: Record<string, string>, url: string) => {
    const client = new JsonClient(routes(env));
    try {
      return await client.ask('geo', url, { signal: never, body: {} });
    } finally {
      await client.close();
    }
  };
  /** A name that only the proxy knows. */
  const far = (url: string) => url.replace('127.0.0.1', 'far.test');

  test('with its credentials, which the service does not see; the rest of the environment holds', async () => {
    await using w = await answered(200, '{}');
    await using proxy = await serveProxy({ user: 'u:p@:w' });
    const named = proxy.origin.replace('://', '://u:p%40%3Aw@');
    const url = far(w.server.url);
    assert.equal((await asked({ http_proxy: named }, `${url}/geo?a=b`)).status, 200);
    assert.deepEqual(proxy.lines, [`POST ${url}/geo?a=b`]);
    await assert.rejects(asked({ http_proxy: named, no_proxy: 'far.test' }, url), {
      code: 'ServiceUnreachable',
    });
    await assert.rejects(asked({ https_proxy: named }, url), { code: 'ServiceUnreachable' });
    await asked({ http_proxy: named }, w.server.url);
    assert.equal(proxy.lines.length, 1, 'nobody asks a proxy for this machine');
  });

  test('by a tunnel when it is https; one connection serves many questions', async () => {
    await using proxy = await serveProxy();
    const client = new JsonClient(routes({ HTTPS_PROXY: proxy.origin }));
    const ask = client.ask('geo', 'https://far.test:1/geo', { signal: never });
    await assert.rejects(ask, { code: 'ServiceUnreachable' });
    assert.deepEqual(proxy.lines, ['CONNECT far.test:1']);
    await client.close();
    await using w = await answered(200, '{}');
    const kept = new JsonClient(routes({ http_proxy: proxy.origin }));
    for (let i = 0; i < 3; i++) await kept.ask('geo', far(w.server.url), { signal: never });
    assert.equal(w.server.requests.length, 3);
    await kept.close();
  });

  test('a proxy that wants to know who asks is named', async () => {
    await using proxy = await serveProxy({ user: 'u:p' });
    for (const [scheme, message] of [
      ['http', /the proxy http:\/\/127\.0\.0\.1:\d+ wants a user name and a password/],
      ['https', /http:\/\/127\.0\.0\.1:\d+.*407/],
    ] as const) {
      const env = { [`${scheme}_proxy`]: proxy.origin };
      await assert.rejects(asked(env, `${scheme}://far.test/`), {
        code: 'ServiceUnreachable',
        message,
      });
    }
  });

  test('the next way when one does not lead there', async () => {
    await using w = await answered(200, '{}');
    const dead = { url: new URL(`http://${await refusedHost()}`), authorization: undefined };
    const client = new JsonClient(async () => [dead, 'direct']);
    assert.equal((await client.ask('geo', w.server.url, { signal: never })).status, 200);
    await client.close();
  });
});
