import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { bytesOf, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { CloudClient } from './cloud-client.ts';

const never = new AbortController().signal;
const url = 'http://source/file?v=1';
const phf = phfOf(bytesOf(10));

async function world() {
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await FakeCloud.start());
  const clock = new ManualClock();
  const client = new CloudClient({ cloudUrl: `${cloud.url}//`, clock, version: '1.2.3' });
  stack.defer(() => client.close());
  return { cloud, clock, client, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

suite('the device’s side of the services', () => {
  test('finds the policy of a content by its URL and by its id', async () => {
    await using w = await world();
    const ContentId = w.cloud.publish(url, phf);
    const byUrl = await w.client.contentPolicy({ url }, never);
    assert.deepEqual([byUrl.ContentId, byUrl.HashOfHashes], [ContentId, phf.hashOfHashes]);
    const byId = await w.client.contentPolicy({ contentId: ContentId, url: 'http://x/' }, never);
    assert.deepEqual(byId, byUrl);
    assert.match(w.cloud.queries.at(-1)!, /doClientVersion=1\.2\.3/);
    const hex = 'ab'.repeat(32);
    for (const name of [{ url, sha256: hex }, { url: `${url}#egg=x&sha256=${hex}` }]) {
      await w.client.contentPolicy(name, never);
      assert.match(w.cloud.queries.at(-1)!, new RegExp(`sha256=${hex}`));
    }
  });

  test('asks where the services are once an hour', async () => {
    await using w = await world();
    const geos = () => w.cloud.requests.filter((r) => r === 'GET /geo').length;
    await Promise.all([w.client.cacheHosts(never), w.client.arrayUrl({ url }, never)]);
    assert.equal(geos(), 1);
    w.clock.advance(3_600_000);
    await w.client.cacheHosts(never);
    assert.equal(geos(), 1);
    w.clock.advance(1);
    await w.client.cacheHosts(never);
    assert.equal(geos(), 2);
  });

  test('takes what key-value would say from geo, where it has it', async () => {
    await using w = await world();
    w.cloud.tellsAll = true;
    w.cloud.publish(url, phf);
    await w.client.contentPolicy({ url }, never);
    assert.deepEqual(
      w.cloud.requests.map((r) => r.split('/')[1]),
      ['geo', 'content'],
    );
  });

  test('may be asked ahead of the first download; a cloud that is down is no fault then', async () => {
    await using w = await world();
    w.cloud.intercept = (_, response) => {
      response.destroy();
      return true;
    };
    await w.client.prepare();
    w.cloud.intercept = () => false;
    await w.client.prepare();
    const asked = w.cloud.requests.length;
    assert.deepEqual(await w.client.cacheHosts(never), { hosts: [], flag: undefined });
    assert.equal(w.cloud.requests.length, asked);
  });

  test('what was known is used on when the hour is over and nobody answers', async () => {
    await using w = await world();
    w.cloud.cacheHost = 'a, b:80 ,';
    assert.deepEqual((await w.client.cacheHosts(never)).hosts, ['a', 'b:80']);
    w.clock.advance(3_600_001);
    w.cloud.intercept = (_, response) => {
      response.destroy();
      return true;
    };
    assert.deepEqual((await w.client.cacheHosts(never)).hosts, ['a', 'b:80']);
  });

  test('an answer of geo to another question is none, from clouds that echo nonces', async () => {
    await using w = await world();
    const asked = async (echo: (nonce: string | null) => object) => {
      w.cloud.echo = echo;
      const client = new CloudClient({ cloudUrl: w.cloud.url, clock: w.clock, version: '1' });
      try {
        await client.cacheHosts(never);
      } finally {
        await client.close();
      }
    };
    const refused = { code: 'ServiceInvalidReply', message: /geo .*another question/ };
    await asked(() => ({}));
    await asked((Nonce) => ({ Nonce }));
    await assert.rejects(
      asked(() => ({ Nonce: 'kept' })),
      refused,
    );
    await assert.rejects(
      asked(() => ({ EchoesNonce: true })),
      refused,
    );
    const nonces = w.cloud.queries.map((query) => new URLSearchParams(query).get('nonce'));
    const sent = nonces.filter((nonce) => nonce !== null);
    assert.ok(sent.length === 4 && new Set(sent).size === 4 && sent.every((n) => n.length === 22));

    // Who has echoed once does so always; what it said then is used on.
    w.cloud.echo = (Nonce) => ({ Nonce, CacheHost: 'ours' });
    assert.deepEqual((await w.client.cacheHosts(never)).hosts, ['ours']);
    w.clock.advance(3_600_001);
    w.cloud.echo = () => ({ CacheHost: 'portal' });
    assert.deepEqual((await w.client.cacheHosts(never)).hosts, ['ours']);
  });

  test('a failure is not kept', async () => {
    await using w = await world();
    w.cloud.intercept = (_, response) => {
      response.writeHead(503).end('{}');
      return true;
    };
    await assert.rejects(w.client.cacheHosts(never), { code: 'ServiceRefused' });
    w.cloud.intercept = () => false;
    assert.deepEqual(await w.client.cacheHosts(never), { hosts: [], flag: undefined });
  });

  test('who gives up waiting does not end it for the others', async () => {
    await using w = await world();
    const held = Promise.withResolvers<() => void>();
    w.cloud.intercept = (path, response) => {
      if (path !== '/geo') return false;
      w.cloud.intercept = () => false;
      const reply = {
        ExternalIpAddress: '192.0.2.1',
        KeyValue_EndpointFullUri: `${w.cloud.url}/all`,
      };
      held.resolve(() => response.end(JSON.stringify(reply)));
      return true;
    };
    const stop = new AbortController();
    const impatient = w.client.cacheHosts(stop.signal);
    const patient = w.client.cacheHosts(never);
    const answer = await held.promise;
    stop.abort(new Error('no answer within 2000 ms'));
    const told = { code: 'ServiceUnreachable', message: /within 2000 ms/ };
    await assert.rejects(impatient, told);
    answer();
    assert.deepEqual(await patient, { hosts: [], flag: undefined });
  });

  test('a cloud that says nothing is given up, even when nobody waits any more', async () => {
    await using w = await world();
    w.cloud.intercept = () => true;
    const asked = assert.rejects(w.client.cacheHosts(never), { code: 'ServiceUnreachable' });
    while (w.cloud.requests.length === 0) await new Promise((r) => setImmediate(r));
    w.clock.advance(10_000);
    await asked;
    assert.equal(w.clock.pending, 0);
  });

  test('once it is closed nothing is asked any more, even when nobody waited for it', async () => {
    await using w = await world();
    w.cloud.intercept = () => true;
    const stop = new AbortController();
    const asked = assert.rejects(w.client.cacheHosts(stop.signal), { code: 'ServiceUnreachable' });
    while (w.cloud.requests.length === 0) await new Promise((r) => setImmediate(r));
    stop.abort();
    await asked;
    await w.client.close();
    assert.equal(w.clock.pending, 0);
  });

  test('what the cloud does not know, refuses, or gets wrong', async () => {
    await using w = await world();
    const name = { url: 'http://user:pw@source/file?sig=secret' };
    await assert.rejects(w.client.contentPolicy(name, never), {
      code: 'ContentUnknown',
      message: 'the cloud knows no content for http://source/file',
    });
    const replies: [status: number, body: string, code: string][] = [
      [500, '{}', 'ServiceRefused'],
      [200, '{}', 'ServiceInvalidReply'],
      [200, '[]', 'ServiceInvalidReply'],
      [200, 'x', 'ServiceInvalidReply'],
    ];
    for (const [status, body, code] of replies) {
      w.cloud.intercept = (path, response) => {
        if (path === '/geo' || path === '/all') return false;
        response.writeHead(status).end(body);
        return true;
      };
      await assert.rejects(w.client.contentPolicy(name, never), { code });
      await assert.rejects(w.client.arrayUrl(name, never), { code });
      const join = { PeerId: '0'.repeat(40), Left: '0' };
      if (body !== '[]') {
        await assert.rejects(w.client.join(`${w.cloud.url}/a/`, join, never), { code });
      }
    }
    assert.doesNotMatch(w.cloud.queries.join(), /pw/);
  });

  test('joins and leaves', async () => {
    await using w = await world();
    const at = await w.client.arrayUrl({ url, contentId: 'a/b' }, never);
    assert.ok(w.cloud.requests.includes('GET /discovery/a%2Fb'));
    const me = { PeerId: '1'.repeat(40), ContentId: 'c', Left: '0', Port: '7680' };
    const reply = await w.client.join(at, me, never);
    assert.deepEqual([reply.Peers, reply.NextJoinTimeIntervalInMs], [[], 60_000]);
    await w.client.leave(at, me, never);
    assert.deepEqual([w.cloud.joins.length, w.cloud.leaves.length], [1, 1]);
  });
});
