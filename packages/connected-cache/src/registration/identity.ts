import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

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

function fileIn(stateDir: string): string {
  return join(stateDir, 'identity.json');
}

/** Undefined when the node is registered nowhere. @throws what reading throws */
export async function readIdentity(stateDir: string): Promise<Identity | undefined> {
  let text: string;
  try {
    text = await readFile(fileIn(stateDir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const value = JSON.parse(text) as Partial<Identity>;
  return names.every((name) => typeof value[name] === 'string') ? (value as Identity) : undefined;
}

/** Kept before it is used: a registration key works once. */
export async function writeIdentity(stateDir: string, identity: Identity): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const temporary = `${fileIn(stateDir)}.${process.pid}.tmp`;
  const text = `${JSON.stringify(identity, names as unknown as string[], 2)}\n`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, fileIn(stateDir));
}

export function digestOf(registrationKey: string): string {
  return createHash('sha256').update(registrationKey).digest('hex');
}
