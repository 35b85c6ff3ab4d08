import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type KeySet, keyIdOf, nextKeySet, publicKeyText, sluiceError } from '@sluice/protocol';
import { type CloudFlags, withAdmin } from '../cloud-access/as-admin.ts';
import { openAtomically } from '../files/atomic-file.ts';
import { targetError } from '../files/existing-file.ts';
import { print, printJson } from '../terminal/print.ts';
import { readKeySet, readSignKey } from './key-files.ts';

export interface KeyFlags {
  signKey: string;
  json?: boolean;
}

/** `sluice keys create`: a new key in `file`, and, without a set to put it into, a first set. */
export async function createKey(
  file: string,
  flags: { set?: string; json?: boolean },
): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  try {
    // Never over a key that is there: what it signed could be renewed by nobody.
    await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), {
      flag: 'wx',
      mode: 0o600,
    });
  } catch (error) {
    throw targetError(error, file);
  }
  const key = keyOf(publicKeyText(publicKey));
  if (flags.set !== undefined) await writeSet(flags.set, { Version: 1, Keys: [key] });
  if (flags.json) printJson(key);
  else print(key.KeyId);
}

/** `sluice keys list`. */
export async function listKeys(file: string, flags: { json?: boolean }): Promise<void> {
  const set = await readKeySet(file);
  if (flags.json) {
    printJson(set);
    return;
  }
  print(`version ${set.Version}${set.SignedBy ? `, signed by ${set.SignedBy}` : ''}`);
  for (const { KeyId, IsRevoked } of set.Keys) print(`${KeyId}${IsRevoked ? '  revoked' : ''}`);
}

/** `sluice keys rotate`: puts a new key into the set. @throws InvalidArgument */
export async function rotateKeys(file: string, newKey: string, flags: KeyFlags): Promise<void> {
  const { publicKey } = await readSignKey(newKey);
  const key = keyOf(publicKeyText(publicKey));
  await change(file, flags, ({ Keys }) => {
    if (Keys.some(({ KeyId }) => KeyId === key.KeyId)) throw wrong(newKey, 'it is in the set');
    return [...Keys, key];
  });
}

/** `sluice keys revoke`. @throws InvalidArgument */
export async function revokeKey(file: string, id: string, flags: KeyFlags): Promise<void> {
  await change(file, flags, ({ Keys }) => {
    if (!Keys.some(({ KeyId }) => KeyId === id)) throw wrong(id, 'there is no such key');
    return Keys.map((key) => (key.KeyId === id ? { ...key, IsRevoked: true } : key));
  });
}

/** `sluice keys push`: devices learn the set from the cloud. */
export async function pushKeys(file: string, flags: CloudFlags): Promise<void> {
  const set = await readKeySet(file);
  await withAdmin(flags, (ask) => ask('POST', '/admin/signing-keys', set));
}

async function change(
  file: string,
  { signKey, json }: KeyFlags,
  work: (set: KeySet) => KeySet['Keys'],
): Promise<void> {
  const before = await readKeySet(file);
  const { privateKey, publicKey } = await readSignKey(signKey);
  const signer = before.Keys.find(({ KeyId }) => KeyId === keyIdOf(publicKeyText(publicKey)));
  if (!signer || signer.IsRevoked) throw wrong(signKey, 'it is no key of the set, or revoked');
  const next = nextKeySet(before, work(before), privateKey, publicKey);
  await writeSet(file, next);
  if (json) printJson(next);
}

async function writeSet(file: string, set: KeySet): Promise<void> {
  await using written = await openAtomically(path.resolve(file));
  await written.commit(`${JSON.stringify(set, undefined, 2)}\n`);
}

function keyOf(PublicKey: string): KeySet['Keys'][number] {
  return { KeyId: keyIdOf(PublicKey), PublicKey, IsRevoked: false };
}

function wrong(name: string, detail: string): Error {
  return sluiceError('InvalidArgument', { name, detail });
}
