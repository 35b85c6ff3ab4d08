/**
 * A cloud that serves enrolled devices only, and those who are none: not enrolled, revoked, of another tenant,
 * or a server in between. None gets a content policy, a peer, or a byte from one.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Agent, createAgent, enrolDevice } from '@sluice/agent';
import { createCloud } from '@sluice/cloud';
import {
  type Clock,
  contentIdOf,
  decodeEnrolmentToken,
  encodeEnrolmentToken,
  formatPiecesHashFile,
  PiecesHasher,
  parseRange,
} from '@sluice/protocol';
import { type KeptKey, PeerThief } from './peer-thief.test-kit.ts';
import { SkippingClock } from './skipping-clock.test-kit.ts';

const pieceSize = 1 << 20;
const bytes = Buffer.alloc(5 * pieceSize, 'sluice identity ');
const token = 'the-admin-token-of-the-test';
const never = new AbortController().signal;

/** A cloud with one content of tenant "a", and its HTTP source. */
async function startWorld(t: TestContext) {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-identity-'));
  const undo = new AsyncDisposableStack();
  t.after(() => undo.disposeAsync());
  undo.defer(() => rm(folder, { recursive: true }));
  const source = await listen(createServer(serve));
  undo.defer(() => stop(source));
  const cloud = undo.use(
    await createCloud({
      dataDir: path.join(folder, 'cloud'),
      listen: { host: '127.0.0.1', port: 0 },
      adminToken: token,
      tls: { kind: 'own', names: [] },
      enrolment: 'required',
    }),
  );
  const ca = await readFile(path.join(folder, 'cloud', 'tls', 'ca.pem'), 'utf8');
  const admin = (method: string, at: string, body?: object) =>
    ask(cloud.url + at, { method, ca, authorization: `Bearer ${token}`, body });
  const phf = new PiecesHasher({ pieceSize });
  phf.update(bytes);
  const Phf = JSON.parse(formatPiecesHashFile(phf.finish()));
  const url = `http://127.0.0.1:${portOf(source)}/file`;
  await admin('POST', '/admin/content', { Urls: [url], Phf, Tenant: 'a' });
  const enrolment = async (Tenant: string): Promise<string> =>
    (await admin('POST', '/admin/enrolments', { Tenant })).Token;
  const agent = async (name: string, tenant?: string, clock?: Clock): Promise<Agent> => {
    const dataDir = path.join(folder, name);
    if (tenant !== undefined) {
      await enrolDevice({ dataDir, token: await enrolment(tenant), signal: never });
    }
    const options = { dataDir, peerPort: 0, listenHost: '127.0.0.1', localDiscovery: false };
    const settings = { DOMinFileSizeToCache: 0 };
    const cloudUrl = tenant === undefined ? cloud.url : undefined;
    return undo.use(await createAgent({ ...options, cloudUrl, persistent: true, settings, clock }));
  };
  const fetch = async (by: Agent, name: string) => {
    const output = path.join(folder, `${name}.out`);
    return (await by.download({ Url: url, Output: output })).finished;
  };
  /** What all services that devices ask say to a session: codes of errors, '' for an answer. */
  const servicesFor = async (session: string | undefined) => {
    const authorization = session && `Bearer ${session}`;
    const asks = async (at: string, body?: object) => {
      const method = body ? 'POST' : 'GET';
      const answer = await ask(cloud.url + at, { method, ca, authorization, body });
      return answer.Peers?.length === 0 ? 'no peers' : (answer.Code ?? '');
    };
    const id = contentIdOf(Phf.HashOfHashes);
    const content = `/content/${encodeURIComponent(id)}`;
    const join = { ContentId: id, PeerId: 'd'.repeat(40), Left: '1', Scope: '1' };
    const said = [
      ...[await asks('/geo'), await asks('/geoversion'), await asks('/all')],
      await asks(`/discovery${content}`),
      await asks(`${content}/contentpolicy`),
      await asks(`/content//contentpolicy?altCatalogId=${encodeURIComponent(url)}`),
      ...[await asks(`${content}/pieceshash`), await asks('/array/join/', join)],
      await asks('/array/leave/', { ContentId: id, PeerId: join.PeerId }),
    ];
    return [...new Set(said)].sort();
  };
  const parts = { folder, cloud, ca, source, admin, url, enrolment, agent, fetch, servicesFor };
  return { ...parts, hash: Phf.HashOfHashes as string };
}

const listen = async <S extends Server>(server: S): Promise<S> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};
const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  if (server.listening) await closed;
}

const serve: Parameters<typeof createServer>[1] = ({ headers, url }, response) => {
  const asked =
    url === '/file' && headers.range ? parseRange(headers.range, bytes.length) : undefined;
  const part = Array.isArray(asked) ? asked[0] : undefined;
  const { start, end } = part ?? { start: 0, end: url === '/file' ? bytes.length : 0 };
  response
    .writeHead(url !== '/file' ? 404 : part ? 206 : 200, {
      'content-length': end - start,
      'accept-ranges': 'bytes',
      etag: '"1"',
      ...(part && { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }),
    })
    .end(bytes.subarray(start, end));
};

interface Asked {
  method?: string;
  ca: string;
  authorization?: string | undefined;
  body?: object | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
function ask(url: string, { body, authorization, ...options }: Asked): Promise<any> {
  const headers = {
    ...(authorization && { authorization }),
    ...(body && { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, { agent: false, headers, ...options }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve(text === '' ? {} : JSON.parse(text));
    });
    request.on('error', reject).end(body && JSON.stringify(body));
  });
}

test('devices of one tenant get all of it from each other; nobody else gets anything', async (t) => {
  const w = await startWorld(t);
  const seed = await w.agent('seed', 'a');
  const first = await w.fetch(seed, 'seed');
  assert.deepEqual([first.State, first.Verified], ['Finalized', true]);
  await stop(w.source);
  const second = await w.fetch(await w.agent('second', 'a'), 'second');
  assert.equal(second.State, 'Finalized', second.Error?.Message);
  assert.equal(second.BytesFromLanPeers, bytes.length, 'the source is gone');

  // The source is gone: whoever gets anything now has it from the cloud and a peer.
  const nothing = async (who: string, by: Agent) => {
    const status = await w.fetch(by, who);
    assert.equal(status.State, 'Failed', who);
    assert.deepEqual([status.TotalBytesDownloaded, status.Verified], [0, false], who);
  };
  await nothing('a device that is not enrolled', await w.agent('stranger'));
  assert.deepEqual(await w.servicesFor(undefined), ['SessionRequired']);
  await nothing('a device of another tenant', await w.agent('other', 'b'));
  const foreign = await readSession(w.folder, 'other');
  // Its own settings it gets, and where services are; nothing of the content.
  assert.deepEqual(await w.servicesFor(foreign.Token), ['', 'ContentUnknown', 'no peers']);

  const revoked = await w.agent('revoked', 'a');
  await revoked.prepare();
  const old = await readSession(w.folder, 'revoked');
  await w.admin('DELETE', `/admin/devices/${old.DeviceId}`);
  await nothing('a revoked device', revoked);
  assert.deepEqual(await w.servicesFor(old.Token), ['SessionRequired']);
});

test('a peer gives nothing to who is not enrolled, of another tenant, or revoked', async (t) => {
  const w = await startWorld(t);
  const clock = new SkippingClock();
  const seed = await w.agent('seed', 'a', clock);
  assert.equal((await w.fetch(seed, 'seed')).State, 'Finalized');
  const keysOf = async (name: string, tenant: string) => {
    await (await w.agent(name, tenant)).prepare();
    const { DeviceId, PeerKeys } = await readSession(w.folder, name);
    return { id: DeviceId as string, keys: PeerKeys as KeptKey[] };
  };
  const visit = (keys?: KeptKey[]) => PeerThief.visit(seed.peerPort, w.hash, keys);
  const other = await keysOf('other', 'b');
  for (const keys of [undefined, other.keys]) {
    const thief = await visit(keys);
    assert.deepEqual([thief.bytes, thief.told], [0, []]);
  }

  const { id, keys } = await keysOf('revoked', 'a');
  const guest = await visit(keys);
  assert.ok(guest.bytes > 0, 'as long as it is of the tenant');
  await w.admin('DELETE', `/admin/devices/${id}`);
  // The seed joins the array again.
  clock.skip(60_000);
  await guest.thrownOut();
  const thief = await visit(keys);
  assert.deepEqual([thief.bytes, thief.told], [0, []]);
  const neighbour = await keysOf('neighbour', 'a');
  assert.ok((await visit(neighbour.keys)).bytes > 0, 'the others have the new key');
});

async function readSession(folder: string, name: string) {
  return JSON.parse(await readFile(path.join(folder, name, 'session.json'), 'utf8'));
}

test('a server in between with another certificate hears nothing but a name', async (t) => {
  const w = await startWorld(t);
  const other = await createCloud({
    ...{ dataDir: path.join(w.folder, 'evil'), listen: { host: '127.0.0.1', port: 0 } },
    tls: { kind: 'own', names: [] },
  });
  t.after(() => other.close());
  const real = await w.enrolment('a');
  const { secret, pin } = decodeEnrolmentToken(real);
  const lured = encodeEnrolmentToken({ url: other.url, pin, secret });
  const dataDir = path.join(w.folder, 'victim');
  const enrol = (text: string) => enrolDevice({ dataDir, token: text, signal: never });
  await assert.rejects(enrol(lured), { code: 'AuthorityMismatch' });
  const { CloudUrl } = await enrol(real);
  assert.equal(CloudUrl, w.cloud.url, 'the token was not used up');

  // From now on its name leads to the other one.
  const heard: string[] = [];
  const [cert, key] = await ownCertificate(w.folder);
  const between = await listen(
    createTlsServer({ cert, key }, (request, response) => {
      heard.push(`${request.url}`);
      response.end('{}');
    }) as unknown as Server,
  );
  t.after(() => stop(between));
  const file = path.join(dataDir, 'enrolment.json');
  const enrolment = JSON.parse(await readFile(file, 'utf8'));
  const url = `https://127.0.0.1:${portOf(between)}`;
  await writeFile(file, JSON.stringify({ ...enrolment, CloudUrl: url }));
  assert.deepEqual(await ask(url, { ca: cert }), {}, 'to who trusts it, it answers');
  heard.length = 0;
  const settings = { DOMinFileSizeToCache: 0 };
  const options = {
    dataDir,
    peerPort: 0,
    listenHost: '127.0.0.1',
    localDiscovery: false,
    settings,
  };
  await using agent = await createAgent(options);
  const output = path.join(w.folder, 'victim.out');
  const status = await (await agent.download({ Url: w.url, Output: output })).finished;
  assert.deepEqual(
    [status.State, status.Verified],
    ['Finalized', false],
    'from the source, as without a cloud',
  );
  assert.deepEqual(heard, []);
});

/** A certificate that is right but for who vouches for it: itself. */
async function ownCertificate(folder: string): Promise<[string, string]> {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', key!, '-out', cert!, '-subj', '/CN=cloud', '-days', '30'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1'],
    ],
    { stdio: 'pipe' },
  );
  return [await readFile(cert!, 'utf8'), await readFile(key!, 'utf8')];
}
