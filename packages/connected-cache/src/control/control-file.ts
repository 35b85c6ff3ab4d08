import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readStateFile, writeStateFile } from '../state-file.ts';

/** Where a running node takes orders, and what proves the right to give them. */
export interface ControlAddress {
  url: string;
  token: string;
}

/** For those who may read the node's state folder: nobody but its user. */
const name = 'control.json';

export function writeControlFile(stateDir: string, address: ControlAddress): Promise<void> {
  return writeStateFile(stateDir, name, JSON.stringify(address));
}

export async function removeControlFile(stateDir: string): Promise<void> {
  await rm(join(stateDir, name), { force: true });
}

/** Undefined when no node has left its address there. @throws what reading throws otherwise */
export async function readControlFile(stateDir: string): Promise<ControlAddress | undefined> {
  const { url, token } = ((await readStateFile(stateDir, name)) ?? {}) as Partial<ControlAddress>;
  return typeof url === 'string' && typeof token === 'string' ? { url, token } : undefined;
}
