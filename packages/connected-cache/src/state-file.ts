import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What JSON in the node's state folder says; undefined when there is none. @throws what reading throws */
export async function readStateFile(stateDir: string, name: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(join(stateDir, name), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return JSON.parse(text);
}

/** Writes it, as a whole, for the node's user alone: it holds what proves something. */
export async function writeStateFile(stateDir: string, name: string, json: string): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const file = join(stateDir, name);
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, `${json}\n`, { mode: 0o600 });
  // One that was left behind keeps the mode that it had.
  await chmod(temporary, 0o600);
  await rename(temporary, file);
}
