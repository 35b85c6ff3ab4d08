import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
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
