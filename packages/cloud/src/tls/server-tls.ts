import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { type Clock, sluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import { OwnAuthority } from './own-authority.ts';
import { pinOf } from './x509.ts';

/** By which certificate the cloud is reached. */
export type TlsOptions =
  | {
      /** An authority of its own in the data directory. */
      kind: 'own';
      /** DNS names and IP addresses beside those of the machine that it listens at. */
      names: string[];
    }
  | {
      /** PEM files: the certificate with those that lead to its authority, and its key. */
      kind: 'files';
      certFile: string;
      keyFile: string;
    };

export interface ServerCertificate {
  cert: string;
  key: string;
}

/** Own certificates hold for 90 days: renewed every 30, looked at anew every so often, ms. */
const renewMs = 30 * 86_400_000;
const lookMs = 3_600_000;

/** The cloud's side of TLS: its certificate, renewed or read again while it runs. */
export class ServerTls {
  readonly #options: TlsOptions;
  readonly #names: string[];
  readonly #own: OwnAuthority | undefined;
  readonly #wallTime: () => number;
  #current: ServerCertificate;
  #authority: X509Certificate | undefined;
  #issuedAt = 0;
  #apply: (certificate: ServerCertificate) => void = () => {};
  #cancel = () => {};

  private constructor(
    options: TlsOptions,
    names: string[],
    own: OwnAuthority | undefined,
    wallTime: () => number,
  ) {
    this.#options = options;
    this.#names = names;
    this.#own = own;
    this.#wallTime = wallTime;
    this.#current = { cert: '', key: '' };
  }

  /** @throws DataDirUnusable, InvalidArgument */
  static async open(
    options: TlsOptions,
    at: { dataDir: string; host: string; wallTime: () => number },
  ): Promise<ServerTls> {
    const now = new Date(at.wallTime());
    const isOwn = options.kind === 'own';
    const own = isOwn ? await OwnAuthority.open(join(at.dataDir, 'tls'), now) : undefined;
    const names = isOwn ? serverNames(at.host, options.names) : [];
    const made = new ServerTls(options, names, own, at.wallTime);
    await made.#take();
    return made;
  }

  get certificate(): ServerCertificate {
    return this.#current;
  }

  /** PEM of the authority that devices are to trust; undefined: one that their systems know. */
  get authority(): string | undefined {
    return this.#authority?.toString();
  }

  /** SHA-256 of its public key. */
  get pin(): string | undefined {
    return this.#authority && pinOf(this.#authority.publicKey);
  }

  /** Keeps the certificate of a running server fresh. */
  follow(apply: (certificate: ServerCertificate) => void, clock: Clock, logger?: Logger): void {
    this.#apply = apply;
    const look = () => {
      this.#cancel = clock.setTimer(lookMs, look);
      if (!this.#own || this.#wallTime() - this.#issuedAt < renewMs) return;
      this.reload().catch((err) => logger?.error({ err }, 'the certificate was not renewed'));
    };
    this.#cancel = clock.setTimer(lookMs, look);
  }

  /** Another certificate of the own authority, or what the files have now. @throws InvalidArgument: the old one stays */
  async reload(): Promise<void> {
    await this.#take();
    this.#apply(this.#current);
  }

  close(): void {
    this.#cancel();
  }

  async #take(): Promise<void> {
    const now = this.#wallTime();
    if (this.#own) {
      const { cert, key, authority } = await this.#own.issue(this.#names, new Date(now));
      this.#current = { cert, key };
      this.#authority = authority;
    } else if (this.#options.kind === 'files') {
      const { authority, ...read } = await readCertificate(this.#options);
      this.#current = read;
      this.#authority = authority;
    }
    this.#issuedAt = now;
  }
}

/** @throws InvalidArgument */
async function readCertificate({ certFile, keyFile }: { certFile: string; keyFile: string }) {
  try {
    const cert = await readFile(certFile, 'utf8');
    const key = await readFile(keyFile, 'utf8');
    createSecureContext({ cert, key });
    const chain = cert.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    const certificates = chain.map((block) => new X509Certificate(block));
    if (!certificates[0]?.checkPrivateKey(createPrivateKey(key))) {
      throw new Error(`${keyFile} is not the key of ${certFile}`);
    }
    // A root in the file is a private one: public roots are never sent along.
    const last = certificates.at(-1)!;
    const isRoot = certificates.length > 1 && last.ca && last.verify(last.publicKey);
    return { cert, key, authority: isRoot ? last : undefined };
  } catch (cause) {
    const detail = `${certFile}, ${keyFile}: ${(cause as Error).message}`;
    throw sluiceError('InvalidArgument', { name: '--tls', detail }, { cause });
  }
}

/** What the server may be called: where it listens, this machine, and what was given. @throws InvalidArgument */
function serverNames(host: string, given: string[]): string[] {
  const bad = given.find((n) => !isIP(n) && !/^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.test(n));
  if (bad !== undefined) {
    const detail = `${JSON.stringify(bad)} is no host name and no IP address`;
    throw sluiceError('InvalidArgument', { name: '--tls-name', detail });
  }
  const isAny = host === '0.0.0.0' || host === '::';
  const interfaces = isAny ? Object.values(networkInterfaces()).flatMap((all) => all ?? []) : [];
  const addresses = interfaces.filter((a) => !a.internal && !a.address.startsWith('fe80'));
  const here = ['localhost', '127.0.0.1', '::1'];
  const listened = isAny ? addresses.map((a) => a.address) : [host];
  return [...new Set([...given, ...listened, ...here])];
}
