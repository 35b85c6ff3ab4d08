import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { sluiceError } from '@sluice/protocol';
import { diskError } from '../store/disk-error.ts';
import { makeKeyPair } from './key-kind.ts';
import { certificateRequest, type Wish } from './request.ts';

/** PEM files: the certificate with those that lead to its authority, and its key. */
export interface CertificateFiles {
  certFile: string;
  keyFile: string;
}

/** Where the node's key is, the request for its certificate, and the certificate. */
export function certificatePaths(folder: string) {
  return {
    key: join(folder, 'key.pem'),
    request: join(folder, 'request.csr'),
    certificate: join(folder, 'certificate.pem'),
  };
}

/**
 * Makes a key, which stays in the folder, and the request to be signed by the site's authority.
 * To renew, the same request is signed again (connected-cache.md §8).
 * @returns the request. @throws InvalidArgument; DiskFull, DiskUnwritable, DiskFailed
 */
export async function requestCertificate(folder: string, wish: Wish): Promise<string> {
  const paths = certificatePaths(folder);
  const keys = await makeKeyPair(wish.kind);
  const request = certificateRequest(wish, keys);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    await write(paths.key, key, 'wx');
    await write(paths.request, request, 'w');
    return request;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw diskError(error, folder);
    const detail = `${paths.key} exists; to renew, have ${paths.request} signed again`;
    throw sluiceError('InvalidArgument', { name: 'folder', detail });
  }
}

/**
 * Takes up the signed certificate, PEM or DER, with the ones that lead to its authority behind it.
 * @returns the certificate. @throws InvalidArgument when it is not for the key, or not valid now;
 *   DiskFull, DiskUnwritable, DiskFailed
 */
export async function importCertificate(
  folder: string,
  bytes: Uint8Array,
  now: Date,
): Promise<X509Certificate> {
  const paths = certificatePaths(folder);
  const chain = parseChain(bytes);
  const [own] = chain;
  if (!own) throw invalid('no certificate in it');
  const key = createPrivateKey(await readText(paths.key));
  if (!own.checkPrivateKey(key)) throw invalid(`it is not for the key ${paths.key}`);
  if (own.validToDate <= now) throw invalid(`it ended on ${own.validTo}`);
  if (own.validFromDate > now) throw invalid(`it begins on ${own.validFrom}`);
  if (!own.subjectAltName) throw invalid('it has no subject alternative name');
  try {
    await write(`${paths.certificate}.new`, chain.map(String).join(''), 'w');
    await rename(`${paths.certificate}.new`, paths.certificate);
  } catch (error) {
    throw diskError(error, folder);
  }
  return own;
}

/** What a server needs. @throws InvalidArgument */
export async function readCertificate({ certFile, keyFile }: CertificateFiles) {
  const [cert, key] = [await readText(certFile), await readText(keyFile)];
  try {
    // Told here, since a server that takes it up while it runs must not come to harm.
    createSecureContext({ cert, key });
  } catch (cause) {
    throw invalid(`${certFile}, ${keyFile}: ${(cause as Error).message}`, cause);
  }
  return { cert, key };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw invalid((cause as Error).message, cause);
  }
}

function parseChain(bytes: Uint8Array): X509Certificate[] {
  const text = Buffer.from(bytes).toString('latin1');
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  try {
    return (blocks ?? [bytes]).map((block) => new X509Certificate(block));
  } catch (cause) {
    throw invalid((cause as Error).message, cause);
  }
}

async function write(path: string, content: string, flags: 'w' | 'wx'): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

function invalid(detail: string, cause?: unknown) {
  return sluiceError('InvalidArgument', { name: 'certificate', detail }, { cause });
}
