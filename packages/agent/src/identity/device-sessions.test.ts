import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json as readJson } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import {
  encodeEnrolmentToken,
  enrolStatement,
  ManualClock,
  rotateStatement,
  sessionStatement,
} from '@sluice/protocol';
import { pino } from 'pino';
import { CloudClient } from '../services/cloud-client.ts';
import { until } from '../swarm/testing/until.ts';
import { DeviceSessions } from './device-sessions.ts';
import { enrolDevice } from './enrol.ts';
import { readEnrolment, writeEnrolment } from './enrolment-file.ts';
import { rotateDeviceKey } from './rotate-key.ts';

const never = new AbortController().signal;
const secret = 's'.repeat(43);
const deviceId = '01234567-89ab-cdef-0123-456789abcdef';
const cloud = 'ffffffff-89ab-cdef-0123-456789abcdef';
const logger = pino({ level: 'silent' });
const hourMs = 3_600_000;

interface Asked {
  PublicKey: string;
  NewPublicKey: string;
  Signature: string;
  NewSignature: string;
  Timestamp: number;
  Nonce: string;
}

/** The identity services, as far as a device can tell, with one device. */
class FakeIdentity {
  url = '';
  publicKey = '';
  sessions = 0;
  enrolments: string[] = [];
  /** Authorizations that came with other questions. */
  seen: (string | undefined)[] = [];
  peerKeys = [{ Id: '1'.repeat(16), Key: 'k'.repeat(43) }];
  accepted = new Set<string>();
  /** Cuts the answer to this path, after it was carried out. */
  cut: string | undefined;

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '', this.url);
    const body = (request.method === 'POST' ? await readJson(request) : {}) as Asked;
    const [status, reply] = this.#reply(pathname, body, request.headers.authorization);
    if (this.cut === pathname) response.destroy();
    else response.writeHead(status, { 'content-type': 'text/json' }).end(JSON.stringify(reply));
  }

  #reply(path: string, body: Asked, auth: string | undefined): [number, object] {
    const { PublicKey, NewPublicKey, Signature, NewSignature, Timestamp, Nonce } = body;
    const signed = { cloud, deviceId, timestamp: Timestamp, nonce: Nonce };
    const refusal = { Code: 'DeviceRefused', Message: 'it was revoked', Remedy: 'enrol anew' };
    switch (path) {
      case '/identity':
        return [200, { Cloud: cloud, CaCertificate: null }];
      case '/identity/enrol':
        this.enrolments.push(PublicKey);
        this.publicKey = PublicKey;
        return isSigned(
          PublicKey,
          enrolStatement({ cloud, secret, publicKey: PublicKey }),
          Signature,
        )
          ? [200, { DeviceId: deviceId, Tenant: 'default', GroupId: null }]
          : [401, refusal];
      case '/identity/session': {
        if (!isSigned(this.publicKey, sessionStatement(signed), Signature)) return [401, refusal];
        const Token = `sds1.session-number-${++this.sessions}`;
        this.accepted.add(`Bearer ${Token}`);
        const rest = { ExpiresInSeconds: 3_600, Tenant: 'default', GroupId: null };
        return [200, { Token, ...rest, PeerKeys: this.peerKeys }];
      }
      case '/identity/rotate': {
        const statement = rotateStatement({ ...signed, newPublicKey: NewPublicKey });
        const isRight =
          isSigned(this.publicKey, statement, Signature) &&
          isSigned(NewPublicKey, statement, NewSignature);
        if (!isRight) return [401, refusal];
        this.publicKey = NewPublicKey;
        return [200, {}];
      }
    }
    this.seen.push(auth);
    if (!this.accepted.has(auth ?? '')) return [401, { ...refusal, Code: 'SessionRequired' }];
    return [200, { Peers: [], NextJoinTimeIntervalInMs: 5_000, KeepAliveMs: 5_000 }];
  }
}

function isSigned(publicKey: string, statement: Buffer, signature: string): boolean {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
  return verify(null, statement, key, Buffer.from(signature, 'base64url'));
}

async function setUp(t: TestContext) {
  const identity = new FakeIdentity();
  const server = createServer((request, response) => identity.answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  identity.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dir = await mkdtemp(join(tmpdir(), 'sluice-identity-'));
  t.after(async () => {
    server.close();
    server.closeAllConnections();
    await rm(dir, { recursive: true });
  });
  const clock = new ManualClock();
  const now = () => 1_800_000_000_000 + clock.now();
  const token = encodeEnrolmentToken({ url: identity.url, pin: undefined, secret });
  const enrol = () => enrolDevice({ dataDir: dir, token, signal: never, now });
  const open = async (renewsKey = false) => {
    const enrolment = (await readEnrolment(dir))!;
    const sessions = await DeviceSessions.open({ dir, enrolment, renewsKey, clock, now, logger });
    t.after(() => sessions.close());
    return sessions;
  };
  return { identity, dir, clock, now, enrol, open };
}

test('a device enrols by a key that lies on its disk for it alone; a lost answer makes no second device', async (t) => {
  const { identity, dir, enrol } = await setUp(t);
  identity.cut = '/identity/enrol';
  await assert.rejects(enrol(), { code: 'ServiceUnreachable' });
  assert.equal(await readEnrolment(dir), undefined);
  identity.cut = undefined;
  const { DeviceId } = await enrol();
  assert.equal(DeviceId, deviceId);
  assert.equal(new Set(identity.enrolments).size, 1, 'the same key both times');
  assert.equal((await stat(join(dir, 'enrolment.json'))).mode & 0o777, 0o600);
  await assert.rejects(stat(join(dir, 'enrolment-pending.json')));
});

test('plain HTTP to another machine, and a pin without TLS, are refused before anything is sent', async (t) => {
  const { dir } = await setUp(t);
  for (const token of [
    { url: 'http://198.51.100.1', pin: undefined, secret },
    { url: 'http://127.0.0.1:1', pin: 'p'.repeat(43), secret },
  ]) {
    const options = { dataDir: dir, token: encodeEnrolmentToken(token), signal: never };
    await assert.rejects(enrolDevice(options), { code: 'InvalidArgument' });
  }
});

test('a session serves until it ends, for the next program too; one that is refused is opened anew', async (t) => {
  const { identity, clock, enrol, open } = await setUp(t);
  await enrol();
  const sessions = await open();
  const [one, two] = await Promise.all([
    sessions.authorization(never),
    sessions.authorization(never),
  ]);
  assert.deepEqual([one, identity.sessions], [two, 1]);
  assert.equal(await (await open()).authorization(never), one, 'kept on the disk');
  const client = new CloudClient({ cloudUrl: identity.url, clock, version: '1', sessions });
  t.after(() => client.close());
  const join = (url = identity.url) =>
    client.join(`${url}/array/`, { PeerId: '0'.repeat(40), Left: '1' }, never);
  await join();
  identity.accepted.clear();
  await join();
  assert.deepEqual(identity.seen, [one, one, 'Bearer sds1.session-number-2']);
  const elsewhere = identity.url.replace('127.0.0.1', 'localhost');
  await assert.rejects(join(elsewhere), { code: 'ServiceRefused', message: /401 it was revoked/ });
  assert.equal(identity.seen.at(-1), undefined, 'a session goes to its cloud only');
  clock.advance(hourMs);
  await join();
  assert.equal(identity.sessions, 3);
});

test('another key of the tenant is fetched when cloud or peers tell of it', async (t) => {
  const { identity, clock, enrol, open } = await setUp(t);
  await enrol();
  const sessions = await open();
  const first = await sessions.authorization(never);
  sessions.heardKeyId('1'.repeat(16));
  // Somebody with other keys calls; then the cloud says that there is another.
  sessions.suspectOld();
  sessions.refused(first);
  await sessions.authorization(never);
  identity.peerKeys = [{ Id: '2'.repeat(16), Key: 'l'.repeat(43) }];
  const changed = new Promise<void>((resolve) => sessions.watch(resolve));
  sessions.heardKeyId('2'.repeat(16));
  await changed;
  assert.deepEqual(
    sessions.keys.map((k) => k.id),
    ['2'.repeat(16)],
  );
  assert.equal(identity.sessions, 3);
  sessions.suspectOld();
  assert.deepEqual((await open()).keys, sessions.keys, 'for the next start');
  clock.advance(60_000);
  sessions.suspectOld();
  await sessions.close();
  assert.ok(identity.sessions <= 4, 'not more than once a minute');
});

test('whenever a change of the key is cut short, the device is known by one that it has', async (t) => {
  const { identity, dir, clock, now, enrol, open } = await setUp(t);
  await enrol();
  const before = (await readEnrolment(dir))!.PrivateKey;
  const rotate = () => rotateDeviceKey({ dataDir: dir, signal: never, now });
  identity.cut = '/identity/rotate';
  await assert.rejects(rotate(), { code: 'ServiceUnreachable' });
  identity.cut = undefined;
  await (await open()).authorization(never);
  const adopted = (await readEnrolment(dir))!;
  assert.notEqual(adopted.PrivateKey, before);
  assert.equal(adopted.NextPrivateKey, undefined);
  // Told to nobody: the cloud never heard of this one.
  await writeEnrolment(dir, { ...adopted, NextPrivateKey: before });
  await rotate();
  assert.equal((await readEnrolment(dir))!.PrivateKey, before);

  clock.advance(90 * 24 * hourMs);
  const agent = await open(true);
  const other = await open();
  await agent.authorization(never);
  const key = JSON.stringify(before);
  await until(() => !readFileSync(join(dir, 'enrolment.json'), 'utf8').includes(key));
  clock.advance(hourMs);
  await other.authorization(never);
});
