import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { temporaryFolder } from '../testing/harness.ts';
import { certificatePaths, importCertificate, requestCertificate } from './certificate-folder.ts';
import { parseKeyKind } from './key-kind.ts';

const names = [
  'dns:cache.example',
  'ip:10.0.0.1',
  'ip:fe80::1',
  'uri:http://cache.example/',
  'email:ops@cache.example',
  'rid:1.2.3.4',
  'dirName:CN=cache,O=site',
  'otherName:1.3.6.1.4.1.311.20.2.3;cache@example',
];
const subject = { CN: 'a "node", here', C: 'DE', ST: 'Bayern', O: 'A+B = C' };
const openssl = (...args: string[]) =>
  execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });
const invalid = (error: unknown) => isSluiceError(error, 'InvalidArgument');

for (const [algorithm, detail] of [
  ['RSA', '3072'],
  ['EC', undefined],
  ['ec', 'secp384r1'],
  ['ED25519', undefined],
  ['ED448', undefined],
] as const) {
  test(`a request for a key ${algorithm} ${detail ?? ''} is signed and says who asks`, async (t) => {
    const folder = await temporaryFolder(t);
    const kind = parseKeyKind(algorithm, detail);
    const request = await requestCertificate(folder, { kind, subject, names });
    const paths = certificatePaths(folder);
    assert.equal(await readFile(paths.request, 'utf8'), request);
    assert.equal((await stat(paths.key)).mode & 0o777, 0o600);
    const text = openssl('req', '-in', paths.request, '-noout', '-text', '-verify');
    assert.match(
      text,
      /Subject: C ?= ?DE, ST ?= ?Bayern, O ?= ?"?A\+B = C"?, CN ?= ?"a \\"node\\", here"/,
    );
    for (const name of ['DNS:cache.example', 'IP Address:10.0.0.1', 'FE80:0:0:0:0:0:0:1']) {
      assert.ok(text.includes(name), name);
    }
    for (const name of [
      'URI:http',
      'email:ops',
      'Registered ID:1.2.3.4',
      'DirName:',
      'othername:',
    ]) {
      assert.ok(text.includes(name), name);
    }
    assert.equal(await signed(paths, folder, '30'), 'cache.example');
  });
}

/** Has the request signed by an authority of its own, and takes the certificate up. */
async function signed(
  paths: ReturnType<typeof certificatePaths>,
  folder: string,
  days: string,
): Promise<string | undefined> {
  const [caKey, ca, out] = ['ca.key', 'ca.pem', 'out.pem'].map((name) => join(folder, name));
  openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', caKey!, '-out', ca!, '-subj', '/CN=ca', '-days', '30'],
  );
  openssl(
    ...['x509', '-req', '-in', paths.request, '-CA', ca!, '-CAkey', caKey!, '-days', days],
    ...['-copy_extensions', 'copy', '-out', out!],
  );
  const certificate = await importCertificate(folder, await readFile(out!), new Date());
  return /DNS:([^,]+)/.exec(certificate.subjectAltName ?? '')?.[1];
}

test('never makes another key over the first, and takes no certificate that is not for it', async (t) => {
  const folder = await temporaryFolder(t);
  const wish = { kind: parseKeyKind('EC', undefined), subject, names };
  await requestCertificate(folder, wish);
  const paths = certificatePaths(folder);
  const key = await readFile(paths.key);
  await assert.rejects(requestCertificate(folder, wish), invalid);
  assert.deepEqual(await readFile(paths.key), key);
  assert.equal(await signed(paths, folder, '30'), 'cache.example');
  const good = await readFile(paths.certificate);
  const late = new Date(Date.now() + 31 * 86_400_000);
  await assert.rejects(importCertificate(folder, good, late), invalid, 'it has ended');
  await assert.rejects(importCertificate(folder, good, new Date(0)), invalid, 'not begun');
  await assert.rejects(importCertificate(folder, Buffer.from('nothing'), new Date()), invalid);
  const ca = await readFile(join(folder, 'ca.pem'));
  await assert.rejects(importCertificate(folder, ca, new Date()), invalid, 'for another key');
  await writeFile(join(folder, 'chain.pem'), Buffer.concat([good, ca]));
  await importCertificate(folder, await readFile(join(folder, 'chain.pem')), new Date());
  assert.equal((await readFile(paths.certificate, 'utf8')).split('BEGIN').length, 3);
});

test('refuses what no certificate should say', async (t) => {
  const folder = await temporaryFolder(t);
  const kind = parseKeyKind('ED25519', undefined);
  for (const name of ['cache', 'dns:', 'dns:a b', 'ip:300.1.1.1', 'rid:x', 'dirName:X=1', 'x:y']) {
    await assert.rejects(
      requestCertificate(folder, { kind, subject, names: [name] }),
      invalid,
      name,
    );
  }
  await assert.rejects(requestCertificate(folder, { kind, subject, names: [] }), invalid);
  await assert.rejects(requestCertificate(folder, { kind, subject: { CN: '' }, names }), invalid);
  await assert.rejects(
    requestCertificate(folder, { kind, subject: { CN: 'a', C: 'de' }, names }),
    invalid,
  );
  assert.throws(() => parseKeyKind('RSA', '1024'), invalid);
  assert.throws(() => parseKeyKind('EC', 'secp521r1'), invalid);
  assert.throws(() => parseKeyKind('DSA', undefined), invalid);
});
