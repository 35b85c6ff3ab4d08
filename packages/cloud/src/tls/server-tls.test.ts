import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { get, request as send } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { decodeEnrolmentToken, isSluiceError } from '@sluice/protocol';
import { startCloud, temporaryDir } from '../cloud.test-support.ts';
import { createCloud } from '../cloud.ts';
import type { TlsOptions } from './server-tls.ts';
import { pinOf } from './x509.ts';

const own: TlsOptions = { kind: 'own', names: ['cloud.example'] };

/** Asks a cloud as a device that trusts one authority. @returns the body, and the certificate */
function ask(url: string, ca: string, options: object = {}) {
  return new Promise<{ json: Record<string, string>; certificate: X509Certificate }>(
    (resolve, reject) => {
      get(url, { ca, agent: false, ...options }, async (response) => {
        const { socket } = response as unknown as {
          socket: { getPeerX509Certificate(): X509Certificate };
        };
        const certificate = socket.getPeerX509Certificate();
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve({ json: JSON.parse(text), certificate });
      }).on('error', reject);
    },
  );
}

async function start(t: TestContext, dataDir?: string, tls = own) {
  const started = await startCloud(t, { tls, ...(dataDir && { dataDir }) });
  return { ...started, tlsDir: join(dataDir ?? started.dataDir, 'tls') };
}

test('a cloud has an authority of its own: kept, named in tokens, and its certificate renewed', async (t) => {
  const dataDir = await temporaryDir(t);
  const token = 'a-token-of-the-test';
  const listen = { host: '127.0.0.1', port: 0 };
  const { cloud, clock, tlsDir } = await start(t, dataDir);
  assert.match(cloud.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await stat(join(tlsDir, 'ca-key.pem'))).mode & 0o777, 0o600);
  const ca = await readFile(join(tlsDir, 'ca.pem'), 'utf8');
  const first = await ask(`${cloud.url}/identity`, ca);
  assert.equal(first.json.CaCertificate, ca);
  const named = { servername: 'cloud.example' };
  assert.equal((await ask(`${cloud.url}/identity`, ca, named)).json.CaCertificate, ca);
  await assert.rejects(ask(`${cloud.url}/identity`, ca, { servername: 'evil.example' }), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });

  // To this process, whose day it still is, the next one is not valid yet.
  clock.advance(31 * 86_400_000);
  let later = first;
  while (later.certificate.serialNumber === first.certificate.serialNumber) {
    later = await ask(`${cloud.url}/identity`, ca, { rejectUnauthorized: false });
  }
  assert.ok(later.certificate.validToDate > first.certificate.validToDate);
  await cloud.close();

  await using again = await createCloud({ dataDir, listen, tls: own, adminToken: token });
  assert.equal(
    (await ask(`${again.url}/identity`, ca)).json.CaCertificate,
    ca,
    'the same authority',
  );
  const made = await new Promise<string>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const url = `${again.url}/admin/enrolments`;
    const request = send(url, { ca, agent: false, method: 'POST', headers }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve(JSON.parse(text).Token);
    });
    request.on('error', reject).end('{}');
  });
  const { pin, url } = decodeEnrolmentToken(made);
  assert.deepEqual([pin, url], [pinOf(new X509Certificate(ca).publicKey), again.url]);
});

test('certificates of files are read again, and never given up for bad ones', async (t) => {
  const maker = await start(t);
  await maker.cloud.close();
  const dir = maker.tlsDir;
  const [certFile, keyFile] = [join(dir, 'server.pem'), join(dir, 'server-key.pem')];
  const files: TlsOptions = { kind: 'files', certFile, keyFile };
  const { OwnAuthority } = await import('./own-authority.ts');
  const authority = await OwnAuthority.open(dir, new Date());
  const issue = async () => {
    const { cert, key } = await authority.issue(['127.0.0.1'], new Date());
    await writeFile(certFile, cert);
    await writeFile(keyFile, key);
    return new X509Certificate(cert).serialNumber;
  };
  const first = await issue();
  const { cloud } = await start(t, undefined, files);
  const ca = authority.certificate.toString();
  const serial = async () => (await ask(`${cloud.url}/identity`, ca)).certificate.serialNumber;
  assert.equal(await serial(), first);
  const second = await issue();
  await cloud.reload();
  assert.equal(await serial(), second);
  await writeFile(certFile, ca);
  await assert.rejects(cloud.reload(), (e) => isSluiceError(e, 'InvalidArgument'));
  assert.equal(await serial(), second);
});

test('what cannot be an authority or a name is a clear error', async (t) => {
  const dataDir = await temporaryDir(t);
  const listen = { host: '127.0.0.1', port: 0 };
  const bad: TlsOptions = { kind: 'own', names: ['a b'] };
  await assert.rejects(createCloud({ dataDir, listen, tls: bad }), { code: 'InvalidArgument' });
  await (await createCloud({ dataDir, listen, tls: own })).close();
  await rm(join(dataDir, 'tls', 'ca-key.pem'));
  await assert.rejects(createCloud({ dataDir, listen, tls: own }), { code: 'DataDirUnusable' });
});
