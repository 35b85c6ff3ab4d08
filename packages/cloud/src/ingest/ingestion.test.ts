import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { keyIdOf, PiecesHasher, publicKeyText, signatureFault } from '@sluice/protocol';
import { phf, startCloud, type TestCloud } from '../cloud.test-support.ts';

const content = Buffer.alloc(3_000_000, 'sluice ');
const hex = (algorithm: string) => createHash(algorithm).update(content).digest('hex');
const base64 = (algorithm: string) => createHash(algorithm).update(content).digest('base64');
const hashOfHashes = (bytes: Buffer) => {
  const hasher = new PiecesHasher();
  hasher.update(bytes);
  return hasher.finish().hashOfHashes;
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A source on loopback. @param answer replaces what it does */
async function source(t: TestContext, answer: Answer) {
  const asked: string[] = [];
  const state = { answer };
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}${request.headers.range ?? ''}`);
    state.answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return {
    asked,
    state,
    host: `127.0.0.1:${port}`,
    url: (p: string) => `http://127.0.0.1:${port}${p}`,
  };
}

const whole =
  (bytes: Buffer, headers: Record<string, string>): Answer =>
  (request, response) => {
    response.writeHead(200, { 'content-length': `${bytes.length}`, ...headers });
    response.end(request.method === 'HEAD' ? undefined : bytes);
  };

const policy = (cloud: TestCloud, url: string, more = '') =>
  cloud.ask(`/content//contentpolicy?altCatalogId=${encodeURIComponent(url)}${more}`);

/** Asks until the only job has ended. */
async function ended({ admin, clock }: TestCloud, except = '') {
  for (;;) {
    clock.advance(100);
    const { json } = await admin('/admin/ingest');
    const [job] = json.Jobs;
    if (job && job.Error !== except && !['Running'].includes(job.State)) {
      if (job.State !== 'Waiting' || job.Error !== null) return job;
    }
  }
}

test('what a device asked for in vain is there for the next, after one download', async (t) => {
  const s = await source(
    t,
    whole(content, { etag: '"1"', 'repr-digest': `sha-256=:${base64('sha256')}:` }),
  );
  const cloud = await startCloud(t, { ingest: { allow: [s.host] } });
  const answers = await Promise.all([1, 2, 3].map(() => policy(cloud, s.url('/a'))));
  assert.deepEqual(
    answers.map((a) => a.status),
    [404, 404, 404],
  );
  const job = await ended(cloud);
  assert.deepEqual(
    [job.State, job.ContentLength, job.Validator],
    ['Done', content.length, 'etag:"1"'],
  );
  assert.equal((await policy(cloud, s.url('/a'))).json.HashOfHashes, hashOfHashes(content));
  assert.deepEqual(s.asked, ['GET /a', 'HEAD /a']);
  // Whoever knows what it should be is not told of something else.
  const right = `&sha256=${hex('sha256')}&integrity=${encodeURIComponent(`sha512-${base64('sha512')}`)}`;
  assert.equal((await policy(cloud, s.url('/a'), right)).status, 200);
  assert.equal((await policy(cloud, s.url('/a'), `&sha256=${'0'.repeat(64)}`)).status, 404);
  const { json } = await cloud.admin('/admin/hash-log');
  assert.deepEqual([json.Entries.length, json.Entries[0].Origin], [1, 'ingest']);
  assert.match((await cloud.ask('/metrics')).text, /ingest_jobs\{state="Done"\} 1\n/);
});

test('a new state is taken in when somebody asks again; other bytes of the same state are an alarm', async (t) => {
  const s = await source(t, whole(content, { etag: '"1"' }));
  const cloud = await startCloud(t, { ingest: { allow: [s.host] } });
  await policy(cloud, s.url('/a'));
  await ended(cloud);
  const next = Buffer.alloc(10, 'x');
  s.state.answer = whole(next, { etag: '"2"' });
  cloud.clock.advance(900_001);
  await policy(cloud, s.url('/a'));
  for (;;) {
    cloud.clock.advance(100);
    const { json } = await policy(cloud, s.url('/a'));
    if (json.HashOfHashes === hashOfHashes(next)) break;
  }
  s.state.answer = whole(content.subarray(1), { etag: '"2"' });
  const { Id } = (await cloud.admin('/admin/ingest')).json.Jobs[0];
  await cloud.admin(`/admin/ingest/${Id}/retry`, { method: 'POST' });
  const job = await ended(cloud);
  assert.deepEqual([job.State, job.Tries], ['Failed', 1]);
  assert.equal((await policy(cloud, s.url('/a'))).json.HashOfHashes, hashOfHashes(next));
  assert.equal((await cloud.ask('/health')).json.Alarms, 1);
  assert.match((await cloud.ask('/metrics')).text, /raised_total\{kind="HashConflict"\} 1\n/);
  const { Alarms } = (await cloud.admin('/admin/alarms')).json;
  assert.deepEqual([Alarms.length, Alarms[0].Kind], [1, 'HashConflict']);
  // A publisher is held to it as well.
  const refused = await cloud.publish({ Urls: [s.url('/a')], ETag: '"2"' });
  assert.deepEqual([refused.status, refused.json.Code], [409, 'HashConflict']);
  assert.equal(
    (await cloud.admin(`/admin/alarms/${Alarms[0].Id}`, { method: 'DELETE' })).status,
    204,
  );
});

test('what is taken in is signed by the key of the cloud, and again before that is over', async (t) => {
  const s = await source(t, whole(content, { etag: '"1"' }));
  const signKey = generateKeyPairSync('ed25519');
  const cloud = await startCloud(t, { ingest: { allow: [s.host], signKey } });
  const PublicKey = publicKeyText(signKey.publicKey);
  const keys = { Version: 1, Keys: [{ KeyId: keyIdOf(PublicKey), PublicKey, IsRevoked: false }] };
  const day = 86_400_000;
  const startedAt = Math.floor(Date.now() / 1000);
  const faultOn = async (days: number) => {
    const { json } = await policy(cloud, s.url('/a'));
    return signatureFault(json, keys, startedAt + days * 86_400);
  };
  await policy(cloud, s.url('/a'));
  assert.equal((await ended(cloud)).State, 'Done');
  assert.deepEqual([await faultOn(0), await faultOn(89)], [undefined, undefined]);
  for (const [after, until, fault] of [
    [40, 100, 'its signature is over'],
    [50, 100, undefined],
  ] as const) {
    const heads = () => s.asked.filter((line) => line.startsWith('HEAD')).length;
    const before = heads();
    cloud.clock.advance(after * day - cloud.clock.now());
    while (heads() === before) {
      await policy(cloud, s.url('/a'));
      cloud.clock.advance(100);
    }
    assert.equal((await ended(cloud)).State, 'Done');
    assert.equal(await faultOn(until), fault, `after ${after} days`);
  }
  assert.equal(s.asked.filter((line) => line.startsWith('GET')).length, 1);
});

test('the cloud signs no list that somebody else put under the id of what it took in', async (t) => {
  const s = await source(t, whole(content, { etag: '"1"' }));
  const signKey = generateKeyPairSync('ed25519');
  const cloud = await startCloud(t, { ingest: { allow: [s.host], signKey } });
  const PublicKey = publicKeyText(signKey.publicKey);
  const keys = { Version: 1, Keys: [{ KeyId: keyIdOf(PublicKey), PublicKey, IsRevoked: false }] };
  await policy(cloud, s.url('/a'));
  const { Id, ContentId } = await ended(cloud);
  const other = { Urls: [s.url('/a')], ContentId };
  assert.equal((await cloud.publish(other)).status, 200);
  const { length } = s.asked;
  cloud.clock.advance(900_001);
  while (s.asked.length === length) {
    await policy(cloud, s.url('/a'));
    cloud.clock.advance(100);
  }
  assert.equal((await ended(cloud)).State, 'Done');
  assert.equal((await policy(cloud, s.url('/a'))).json.Signature, undefined);
  // Nor does it keep the signature of that one for its own.
  const now = Math.floor(Date.now() / 1000);
  const facts = { ContentLength: phf.ContentLength, PieceSize: phf.PieceSize };
  const Signature = {
    ...{ ...facts, KeyId: '0'.repeat(16), NotBefore: now, NotAfter: now + 9_999_999 },
    Signature: Buffer.alloc(64).toString('base64'),
  };
  assert.equal((await cloud.publish({ ...other, Signature })).status, 200);
  await cloud.admin(`/admin/ingest/${Id}/retry`, { method: 'POST' });
  assert.equal((await ended(cloud)).State, 'Done');
  const { json } = await policy(cloud, s.url('/a'));
  assert.equal(json.HashOfHashes, hashOfHashes(content));
  assert.equal(signatureFault(json, keys, now), undefined);
});

test('a body that breaks off is taken up behind its last byte; one that changed is discarded', async (t) => {
  const cut: Answer = (request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = content.subarray(from);
    const head = { etag: '"1"', 'content-length': `${rest.length}` };
    if (from === 0) {
      response.writeHead(200, head);
      if (request.method === 'HEAD') return response.end();
      return response.write(rest.subarray(0, 1_000_000), () => response.destroy());
    }
    assert.equal(request.headers['if-range'], '"1"');
    const range = `bytes ${from}-${content.length - 1}/${content.length}`;
    return response.writeHead(206, { ...head, 'content-range': range }).end(rest);
  };
  const s = await source(t, cut);
  const cloud = await startCloud(t, { ingest: { allow: [s.host] } });
  await policy(cloud, s.url('/a'));
  assert.equal((await ended(cloud)).State, 'Done');
  assert.equal((await policy(cloud, s.url('/a'))).json.HashOfHashes, hashOfHashes(content));

  s.state.answer = (request, response) => {
    if (request.headers.range) return whole(content, { etag: '"other"' })(request, response);
    return cut(request, response);
  };
  const { Id } = (await cloud.admin('/admin/ingest')).json.Jobs[0];
  await cloud.admin(`/admin/ingest/${Id}`, { method: 'DELETE' });
  await cloud.admin('/admin/ingest', { body: { Urls: [s.url('/b')] } });
  const job = await ended(cloud);
  assert.match(job.Error, /changed at the source/);
  assert.equal((await policy(cloud, s.url('/b'))).status, 404);
});

test('what cannot be taken in is told, and nothing is published', async (t) => {
  const etag = { etag: '"1"' };
  const digest = `/v2/img/blobs/sha256:${'0'.repeat(64)}`;
  const s = await source(t, (request, response) => {
    const answers: Record<string, Answer> = {
      '/none': whole(content, {}),
      '/gzip': whole(content, { ...etag, 'content-encoding': 'gzip' }),
      '/large': whole(Buffer.alloc(5_000_000), etag),
      '/lies': whole(content, { ...etag, digest: `SHA-256=${'A'.repeat(43)}=` }),
      '/away': (_, r) => r.writeHead(302, { location: 'http://localhost:1/x' }).end(),
      '/404': (_, r) => r.writeHead(404).end(),
      [digest]: whole(content, etag),
    };
    answers[request.url!]!(request, response);
  });
  const ingest = { allow: [s.host], maxLength: 4_000_000 };
  const cloud = await startCloud(t, { ingest });
  for (const [path, reason] of [
    ['/none', /neither an ETag nor/],
    ['/gzip', /gzip-encoded/],
    ['/large', /the limit is 4000000/],
    ['/lies', /its source says/],
    ['/away', /does not fetch from localhost:1/],
    ['/404', /answered 404/],
    [digest, /its URL says/],
  ] as const) {
    await cloud.admin('/admin/ingest', { body: { Urls: [s.url(path)] } });
    const job = await ended(cloud);
    assert.deepEqual([job.State, job.ContentId], ['Failed', null], path);
    assert.match(job.Error, reason);
    assert.equal((await policy(cloud, s.url(path))).status, 404);
    assert.equal((await cloud.admin(`/admin/ingest/${job.Id}`, { method: 'DELETE' })).status, 204);
  }
  const elsewhere = await cloud.admin('/admin/ingest', { body: { Urls: ['http://example.com/'] } });
  assert.deepEqual([elsewhere.status, elsewhere.json.Code], [403, 'IngestNotAllowed']);
  const mixed = { Urls: [s.url('/none'), 'http://example.com/'] };
  assert.equal((await cloud.admin('/admin/ingest', { body: mixed })).status, 403);
  assert.deepEqual((await cloud.admin('/admin/ingest')).json.Jobs, [], 'all or none');
  assert.equal((await cloud.ask('/admin/ingest')).status, 401);
});

test('a busy source is asked again later', async (t) => {
  const s = await source(t, (_, r) => r.writeHead(503, { 'retry-after': '60' }).end());
  const cloud = await startCloud(t, { ingest: { allow: [s.host] } });
  await policy(cloud, s.url('/a'));
  const job = await ended(cloud);
  assert.deepEqual([job.State, job.Tries], ['Waiting', 1]);
  s.state.answer = whole(content, { etag: '"1"' });
  cloud.clock.advance(60_000);
  assert.equal((await ended(cloud, job.Error)).State, 'Done');
});

test('a source that drips, in its head or its body, holds no place', async (t) => {
  const s = await source(t, () => {});
  const cloud = await startCloud(t, { ingest: { allow: [s.host] } });
  let open: ServerResponse | undefined;
  const drips = setInterval(() => open?.write('x'), 5);
  t.after(() => clearInterval(drips));
  for (const [path, answer, reason] of [
    ['/body', 'a head', /sent \d+ bytes in \d+ s/],
    ['/head', 'nothing', /no answer within 60 s/],
  ] as const) {
    open = undefined;
    s.state.answer = (_, response) => {
      if (answer === 'a head') open = response.writeHead(200, { etag: '"1"' });
    };
    await cloud.admin('/admin/ingest', { body: { Urls: [s.url(path)] } });
    const job = await ended(cloud);
    assert.equal(job.State, 'Waiting', 'it may pass');
    assert.match(job.Error, reason);
    await cloud.admin(`/admin/ingest/${job.Id}`, { method: 'DELETE' });
  }
});
