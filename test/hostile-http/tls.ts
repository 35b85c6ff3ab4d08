import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { content, type HostileCase, honest } from './hostile-case.ts';

const failed = ['SourceTlsFailed'];

/** Servers whose TLS is not to be trusted, or none. */
export async function tlsCases(): Promise<HostileCase[]> {
  const now = [2024, 2044] as const;
  const good = await certificate('IP:127.0.0.1', now);
  const other = await certificate('DNS:other.test', now);
  const expired = await certificate('IP:127.0.0.1', [2020, 2021]);
  const answer: HostileCase['answer'] = (ask) => ask.socket.write(honest(ask));
  const https = (tls: { key: string; cert: string }) => ({
    tls,
    answer,
    request: { Ca: tls.cert },
  });
  return [
    { name: 'TLS with a certificate that is trusted', ...https(good), outcome: content },
    { name: 'TLS with a certificate of its own', tls: good, answer, outcome: failed },
    { name: 'TLS with a certificate of another host', ...https(other), outcome: failed },
    { name: 'TLS with a certificate of the past', ...https(expired), outcome: failed },
    {
      name: 'TLS with a certificate of another issuer',
      ...https(good),
      request: { Ca: other.cert },
      outcome: failed,
    },
    {
      name: 'TLS whose session ends before the body does',
      ...https(good),
      answer: (ask) => ask.socket.end(honest(ask).subarray(0, 300)),
      waits: true,
      outcome: ['SourceTruncated', 'SourceReset'],
    },
    {
      name: 'a redirect from https to http',
      ...https(good),
      answer: ({ socket, origin }) =>
        socket.write(
          `HTTP/1.1 302 Found\r\nLocation: ${origin.replace('https', 'http')}/\r\nContent-Length: 0\r\n\r\n`,
        ),
      outcome: ['SourceRedirectRefused'],
    },
  ];
}

/** Signed by itself; with `ca` rather than `x509`, which makes none of the past. */
const config = (name: string) => `[ca]
default_ca = self
[self]
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = ${name}
`;

/** @param years from the first of January to the first of January. */
async function certificate(
  name: string,
  years: readonly [number, number],
): Promise<{ key: string; cert: string }> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'sluice-tls-'));
  const openssl = (...args: string[]) => promisify(execFile)('openssl', args, { cwd });
  try {
    await writeFile(path.join(cwd, 'config'), config(name));
    await writeFile(path.join(cwd, 'index'), '');
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    await openssl('req', ...newKey, '-subj', '/CN=test', '-keyout', 'key', '-out', 'request');
    const [from, to] = years.map((year) => `${year}0101000000Z`) as [string, string];
    const signing = ['-batch', '-selfsign', '-notext', '-config', 'config', '-in', 'request'];
    const dates = ['-startdate', from, '-enddate', to];
    await openssl('ca', ...signing, '-keyfile', 'key', ...dates, '-out', 'cert');
    const read = (file: string) => readFile(path.join(cwd, file), 'utf8');
    return { key: await read('key'), cert: await read('cert') };
  } finally {
    await rm(cwd, { recursive: true });
  }
}
