import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError, writeAtomically } from '../store/index.ts';

/** Who this device is to its cloud. */
export interface Enrolment {
  CloudUrl: string;
  /** The cloud's name, which signatures are for. */
  Cloud: string;
  /** PEM of the authority that the cloud must show; null: one that this system trusts. */
  CaCertificate: string | null;
  DeviceId: string;
  Tenant: string;
  /** PEM. Whoever has it is this device. */
  PrivateKey: string;
  /** ms since 1970 */
  KeyMadeAt: number;
  /** A key that the cloud was told of and may have taken: no answer came. */
  NextPrivateKey?: string | undefined;
}

/** A session, and the keys of the tenant, kept for the next program that starts. */
export interface KeptSession {
  DeviceId: string;
  Token: string;
  /** ms since 1970 */
  ExpiresAt: number;
  PeerKeys: { Id: string; Key: string }[];
}

/** A key that was sent with an enrolment token, until the cloud has answered: to send again the same. */
interface PendingKey {
  Secret: string;
  PrivateKey: string;
}

const enrolmentFile = 'enrolment.json';
const sessionFile = 'session.json';
const pendingFile = 'enrolment-pending.json';

/** Undefined: the device is not enrolled. @throws Disk errors. */
export async function readEnrolment(dir: string): Promise<Enrolment | undefined> {
  const e = await read<Enrolment>(dir, enrolmentFile);
  const texts = [e?.CloudUrl, e?.Cloud, e?.DeviceId, e?.Tenant, e?.PrivateKey];
  return texts.every((t) => typeof t === 'string') ? e : undefined;
}

/** On the disk when this resolves: the cloud knows the device by nothing else. @throws Disk errors. */
export async function writeEnrolment(dir: string, enrolment: Enrolment): Promise<void> {
  await write(dir, enrolmentFile, enrolment, true);
}

/** Of this device; undefined when there is none. @throws Disk errors. */
export async function readSession(dir: string, deviceId: string): Promise<KeptSession | undefined> {
  const s = await read<KeptSession>(dir, sessionFile);
  const isOne =
    s?.DeviceId === deviceId && typeof s.Token === 'string' && Array.isArray(s.PeerKeys);
  return isOne ? s : undefined;
}

/** @throws Disk errors. */
export async function writeSession(dir: string, session: KeptSession): Promise<void> {
  await write(dir, sessionFile, session, false);
}

/** @throws Disk errors. */
export async function readPendingKey(dir: string, secret: string): Promise<string | undefined> {
  const pending = await read<PendingKey>(dir, pendingFile);
  return pending?.Secret === secret ? pending.PrivateKey : undefined;
}

/** @throws Disk errors. */
export async function writePendingKey(dir: string, pending: PendingKey): Promise<void> {
  await write(dir, pendingFile, pending, true);
}

export async function removePendingKey(dir: string): Promise<void> {
  await rm(join(dir, pendingFile), { force: true });
}

/** Undefined when it is absent, or damaged. */
async function read<T>(dir: string, name: string): Promise<T | undefined> {
  const path = join(dir, name);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskError(error, path);
  }
  try {
    return Object(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function write(dir: string, name: string, value: object, durable: boolean): Promise<void> {
  const path = join(dir, name);
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await writeAtomically(path, `${JSON.stringify(value, undefined, 2)}\n`, { durable });
  } catch (error) {
    throw diskError(error, path);
  }
}
