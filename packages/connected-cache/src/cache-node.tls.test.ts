import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { isSluiceError } from '@sluice/protocol';
import { Agent, request } from 'undici';
import { certificate, certificateKey } from './testing/certificate.ts';
import {
  assertBytes,
  get,
  MiB,
  randomBytesOf,
  sourceAndNode,
  startNode,
  temporaryFolder,
} from './testing/harness.ts';

test('serves HTTPS beside HTTP, and takes up another certificate while it runs', async (t) => {
  const folder = await temporaryFolder(t);
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await writeFile(certFile, certificate);
  await writeFile(keyFile, certificateKey);
  const listen = { host: '127.0.0.1', port: 0 };
  const { source, node } = await sourceAndNode(t, { tls: { listen, certFile, keyFile } });
  const bytes = randomBytesOf(5 * MiB + 7);
  source.put('/file', { bytes });
  const dispatcher = new Agent({ connect: { ca: certificate } });
  t.after(() => dispatcher.close());
  for (const state of ['MISS', 'HIT']) {
    const url = `${node.tlsUrl}/file?cacheHostOrigin=${source.host}`;
    const answer = await request(url, { dispatcher });
    assertBytes(Buffer.from(await answer.body.arrayBuffer()), bytes);
    assert.equal(answer.headers['x-cache'], state);
  }
  assertBytes((await get(node, source, '/file')).body, bytes);
  const before = await serialOf(node.tlsUrl!);
  await assert.rejects(
    async () => {
      await writeFile(certFile, 'nothing');
      await node.reloadCertificate();
    },
    (e) => isSluiceError(e, 'InvalidArgument'),
  );
  assert.equal(await serialOf(node.tlsUrl!), before, 'a broken file changes nothing');
  const args = ['-nodes', '-keyout', keyFile, '-out', certFile, '-subj', '/CN=other', '-days', '1'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...args], { stdio: 'ignore' });
  await node.reloadCertificate();
  assert.notEqual(await serialOf(node.tlsUrl!), before);
});

test('does not start with a certificate that cannot be used', async (t) => {
  const folder = await temporaryFolder(t);
  const tls = { listen: { host: '127.0.0.1', port: 0 }, certFile: folder, keyFile: folder };
  await assert.rejects(startNode(t, { allow: ['source.example'], tls }), (e) =>
    isSluiceError(e, 'InvalidArgument'),
  );
});

function serialOf(url: string): Promise<string> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}
