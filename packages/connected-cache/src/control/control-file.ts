import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a running node takes orders, and what proves the right to give them. */
export interface ControlAddress {
  url: string;
  token: string;
}

/** The file for those who may read the node's state folder: nobody but its user. */
function fileIn(stateDir: string): string {
  return join(stateDir, 'control.json');
}

export async function writeControlFile(stateDir: string, address: ControlAddress): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const file = fileIn(stateDir);
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify(address)}\n`, { mode: 0o600 });
  await chmod(temporary, 0o600);
  await rename(temporary, file);
}

export async function removeControlFile(stateDir: string): Promise<void> {
  await rm(fileIn(stateDir), { force: true });
}

/** Undefined when no node has left its address there. @throws what reading throws otherwise */
export async function readControlFile(stateDir: string): Promise<ControlAddress | undefined> {
  let text: string;
  try {
    text = await readFile(fileIn(stateDir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { url, token } = JSON.parse(text) as Partial<ControlAddress>;
  return typeof url === 'string' && typeof token === 'string' ? { url, token } : undefined;
}
