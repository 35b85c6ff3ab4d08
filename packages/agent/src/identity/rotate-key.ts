import { randomBytes } from 'node:crypto';
import { rotateStatement, sluiceError } from '@sluice/protocol';
import { systemClock } from '../clock/system-clock.ts';
import { Proxies, type Routes } from '../source/proxy/index.ts';
import { makeDeviceKey, publicKeyOf, signatureBy } from './device-key.ts';
import { type Enrolment, readEnrolment, writeEnrolment } from './enrolment-file.ts';
import { askIdentity } from './identity-client.ts';

/**
 * Gives the device another key. Whenever it is cut short, the device has a key that the cloud knows: the new one
 * is on the disk before the cloud hears of it, and the old one until the cloud has answered.
 * @throws NotEnrolled, ServiceUnreachable, ServiceRefused, ServiceInvalidReply, Disk errors.
 */
export async function rotateDeviceKey(options: {
  dataDir: string;
  signal: AbortSignal;
  /** By which proxies to reach the cloud; as `env` says if not given. */
  routes?: Routes | undefined;
  env?: Readonly<Record<string, string | undefined>>;
  now?: () => number;
}): Promise<Enrolment> {
  const { dataDir, signal, env = {}, now = Date.now } = options;
  const { routes = new Proxies({}, env, systemClock).for({}) } = options;
  const before = await readEnrolment(dataDir);
  if (!before) throw sluiceError('NotEnrolled');
  const next = before.NextPrivateKey ?? makeDeviceKey();
  await writeEnrolment(dataDir, { ...before, NextPrivateKey: next });
  const newPublicKey = publicKeyOf(next);
  const signed = { ...signedFacts(before, now()), newPublicKey };
  const statement = rotateStatement(signed);
  const body = {
    DeviceId: before.DeviceId,
    Timestamp: signed.timestamp,
    Nonce: signed.nonce,
    NewPublicKey: newPublicKey,
    Signature: signatureBy(before.PrivateKey, statement),
    NewSignature: signatureBy(next, statement),
  };
  const access = { url: before.CloudUrl, ca: before.CaCertificate, routes };
  await askIdentity(access, '/identity/rotate', body, signal);
  return adoptKey(dataDir, before, next, now());
}

/** The cloud knows the device by this key. @throws Disk errors. */
export async function adoptKey(
  dataDir: string,
  { NextPrivateKey: _, ...before }: Enrolment,
  key: string,
  now: number,
): Promise<Enrolment> {
  const enrolment = { ...before, PrivateKey: key, KeyMadeAt: now };
  await writeEnrolment(dataDir, enrolment);
  return enrolment;
}

/** What every request says that a device signs. */
export function signedFacts({ Cloud, DeviceId }: Enrolment, now: number) {
  const nonce = randomBytes(16).toString('base64url');
  return { cloud: Cloud, deviceId: DeviceId, timestamp: Math.round(now), nonce };
}
