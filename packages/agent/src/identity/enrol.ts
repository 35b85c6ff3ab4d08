import { createHash, X509Certificate } from 'node:crypto';
import {
  decodeEnrolmentToken,
  type EnrolmentToken,
  enrolStatement,
  sluiceError,
} from '@sluice/protocol';
import { systemClock } from '../clock/system-clock.ts';
import { JsonClient } from '../services/json-client.ts';
import { Proxies, type Routes } from '../source/proxy/index.ts';
import { makeDeviceKey, publicKeyOf, signatureBy } from './device-key.ts';
import {
  type Enrolment,
  readPendingKey,
  removePendingKey,
  writeEnrolment,
  writePendingKey,
} from './enrolment-file.ts';
import { askIdentity } from './identity-client.ts';

const schemas = () => import('@sluice/protocol/schemas');

export interface EnrolOptions {
  /** Of the agent. */
  dataDir: string;
  /** As `sluice cloud enrolment create` printed it. */
  token: string;
  signal: AbortSignal;
  /** Where the proxies to the cloud are looked up; straight there if not given. */
  env?: Readonly<Record<string, string | undefined>>;
  /** ms since 1970 */
  now?: () => number;
}

/**
 * Makes a key for this device and has the cloud of the token know it; the device is that from now on.
 * @throws EnrolmentTokenInvalid, AuthorityMismatch, InvalidArgument (plain HTTP to another machine),
 *   ServiceUnreachable, ServiceRefused, ServiceInvalidReply, Disk errors.
 */
export async function enrolDevice(options: EnrolOptions): Promise<Enrolment> {
  const { dataDir, signal, now = Date.now } = options;
  const routes = new Proxies({}, options.env ?? {}, systemClock).for({});
  const token = decodeEnrolmentToken(options.token.trim());
  checkTransport(token);
  const ca = token.pin === undefined ? null : await pinnedAuthority(token, routes, signal);
  const access = { url: token.url, ca, routes };
  const { parseAuthorityReply, parseEnrolReply } = await schemas();
  const { Cloud } = parseAuthorityReply(await askIdentity(access, '/identity', undefined, signal));
  const PrivateKey = (await readPendingKey(dataDir, token.secret)) ?? makeDeviceKey();
  // Before it is sent: should the answer be lost, the same key comes again, and is the same device.
  await writePendingKey(dataDir, { Secret: token.secret, PrivateKey });
  const PublicKey = publicKeyOf(PrivateKey);
  const statement = enrolStatement({ cloud: Cloud, secret: token.secret, publicKey: PublicKey });
  const Signature = signatureBy(PrivateKey, statement);
  const body = { Secret: token.secret, PublicKey, Signature };
  const reply = parseEnrolReply(await askIdentity(access, '/identity/enrol', body, signal));
  const { DeviceId, Tenant } = reply;
  const enrolment: Enrolment = {
    CloudUrl: token.url,
    Cloud,
    CaCertificate: ca,
    DeviceId,
    Tenant,
    PrivateKey,
    KeyMadeAt: now(),
  };
  await writeEnrolment(dataDir, enrolment);
  await removePendingKey(dataDir);
  return enrolment;
}

/**
 * The authority of the cloud, as its server gives it, if it is the one that the token names. Nothing but
 * this question goes over a connection that nobody has vouched for.
 */
async function pinnedAuthority(
  { url, pin }: EnrolmentToken,
  routes: Routes | undefined,
  signal: AbortSignal,
): Promise<string> {
  const { parseAuthorityReply } = await schemas();
  const http = new JsonClient(routes, { rejectUnauthorized: false });
  try {
    const { json } = await http.ask('the cloud', `${url}/identity`, { signal });
    const { CaCertificate } = parseAuthorityReply(json);
    if (CaCertificate === null || pinOf(CaCertificate) !== pin) {
      throw sluiceError('AuthorityMismatch', { url });
    }
    return CaCertificate;
  } finally {
    await http.close();
  }
}

/** SHA-256 of its public key; undefined when it is no certificate. */
function pinOf(pem: string): string | undefined {
  try {
    const spki = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
    return createHash('sha256').update(spki).digest('base64url');
  } catch {
    return undefined;
  }
}

/** Sessions over plain HTTP are anybody's who is on the way. */
function checkTransport({ url, pin }: EnrolmentToken): void {
  const { protocol, hostname } = new URL(url);
  const isLoopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  if (protocol === 'https:' || (isLoopback && pin === undefined)) return;
  const detail = `${url} is not https: run the cloud with --tls, or name what is in front of it with --url`;
  throw sluiceError('InvalidArgument', { name: 'token', detail });
}
