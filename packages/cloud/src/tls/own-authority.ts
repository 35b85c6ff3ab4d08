import { createPrivateKey, generateKeyPair, type KeyObject, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sluiceError } from '@sluice/protocol';
import { issueCertificate } from './x509.ts';

const generate = promisify(generateKeyPair);
const dayMs = 86_400_000;
/** Devices keep it: another one means that all enrol anew. */
const authorityMs = 20 * 365 * dayMs;
const serverMs = 90 * dayMs;
/** Clocks of devices may be behind by so much. */
const earlierMs = dayMs;
const issuer = 'Sluice cloud authority';

export interface OwnCertificate {
  /** PEM: the server's, and the authority's behind it. */
  cert: string;
  key: string;
  authority: X509Certificate;
}

/**
 * The authority of this cloud, made at the first start and kept in `<folder>/ca.pem`, `ca-key.pem`. Clouds
 * that devices reach under one name are given the same two files.
 */
export class OwnAuthority {
  readonly certificate: X509Certificate;
  readonly #key: KeyObject;

  private constructor(certificate: X509Certificate, key: KeyObject) {
    this.certificate = certificate;
    this.#key = key;
  }

  /** @throws DataDirUnusable, also when one file is there without the other */
  static async open(folder: string, now: Date): Promise<OwnAuthority> {
    const [certFile, keyFile] = [join(folder, 'ca.pem'), join(folder, 'ca-key.pem')];
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const [cert, key] = [await textOf(certFile), await textOf(keyFile)];
      if (cert === undefined && key === undefined) return await make(certFile, keyFile, now);
      if (cert === undefined || key === undefined) {
        throw new Error('one of ca.pem and ca-key.pem is missing: put it back, or remove both');
      }
      await chmod(keyFile, 0o600);
      const certificate = new X509Certificate(cert);
      const privateKey = createPrivateKey(key);
      if (!certificate.checkPrivateKey(privateKey)) {
        throw new Error('ca-key.pem is not the key of ca.pem');
      }
      return new OwnAuthority(certificate, privateKey);
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw sluiceError('DataDirUnusable', { path: folder, detail }, { cause });
    }

    async function make(certFile: string, keyFile: string, now: Date): Promise<OwnAuthority> {
      const { publicKey, privateKey } = await generate('ec', { namedCurve: 'P-256' });
      const cert = issueCertificate({
        ...{ subject: issuer, issuer, publicKey, issuerPublicKey: publicKey },
        issuerKey: privateKey,
        notBefore: new Date(now.getTime() - earlierMs),
        notAfter: new Date(now.getTime() + authorityMs),
        names: undefined,
      });
      // The key first: a certificate without it would be no authority, and devices may have seen it.
      await put(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, 0o600);
      await put(certFile, cert, 0o644);
      return new OwnAuthority(new X509Certificate(cert), privateKey);
    }
  }

  /** A certificate for a server of these names, with a key that never lies on the disk. */
  async issue(names: string[], now: Date): Promise<OwnCertificate> {
    const { publicKey, privateKey } = await generate('ec', { namedCurve: 'P-256' });
    const cert = issueCertificate({
      subject: names[0] ?? 'sluice cloud',
      issuer,
      publicKey,
      issuerPublicKey: this.certificate.publicKey,
      issuerKey: this.#key,
      notBefore: new Date(now.getTime() - earlierMs),
      notAfter: new Date(now.getTime() + serverMs),
      names,
    });
    return {
      cert: cert + this.certificate.toString(),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      authority: this.certificate,
    };
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function put(file: string, text: string, mode: number): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode });
  await rename(temporary, file);
}
