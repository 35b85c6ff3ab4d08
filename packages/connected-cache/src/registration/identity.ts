import { createHash } from 'node:crypto';
import { readStateFile, writeStateFile } from '../state-file.ts';

/** Who the node is to a cloud. */
export interface Identity {
  Cloud: string;
  CacheNodeId: string;
  Name: string;
  /** Proves it. */
  Key: string;
  /** SHA-256 of the registration key that it came from: another one makes another identity. */
  RegisteredWith: string;
}

const names = ['Cloud', 'CacheNodeId', 'Name', 'Key', 'RegisteredWith'] as const;

const file = 'identity.json';

/** Undefined when the node is registered nowhere. @throws what reading throws */
export async function readIdentity(stateDir: string): Promise<Identity | undefined> {
  const value = ((await readStateFile(stateDir, file)) ?? {}) as Partial<Identity>;
  return names.every((name) => typeof value[name] === 'string') ? (value as Identity) : undefined;
}

/** Kept before it is used: a registration key works once. */
export function writeIdentity(stateDir: string, identity: Identity): Promise<void> {
  const json = JSON.stringify(identity, names as unknown as string[], 2);
  return writeStateFile(stateDir, file, json);
}

export function digestOf(registrationKey: string): string {
  return createHash('sha256').update(registrationKey).digest('hex');
}
