import { cp, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sluiceError, toSluiceError } from '@sluice/protocol';

/** SQLite's own files beside a database, and files that were never finished. */
const passing = /\.(?:sqlite-(?:wal|shm|journal)|tmp)$/;

/**
 * Copies a data directory, whose cloud may run meanwhile, to a new folder that a cloud can be started with. Each
 * database is copied as it is at one moment; nothing in one refers to another.
 * @returns the names of the databases
 * @throws InvalidArgument when the folder is there already or inside the directory, DataDirUnusable
 */
export async function backup(dataDir: string, folder: string): Promise<string[]> {
  const [from, to] = [resolve(dataDir), resolve(folder)];
  if (!relative(from, to).startsWith('..')) throw unfit(to, 'it is in the data directory itself');
  if (await isThere(to)) throw unfit(to, 'it is there already');
  // A half one never has the name of a backup.
  const partial = `${to}.${process.pid}.partial`;
  try {
    await mkdir(partial, { recursive: true, mode: 0o700 });
    const databases = await copyAll(from, partial);
    await rename(partial, to);
    return databases;
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    const detail = toSluiceError(cause).message;
    throw sluiceError('DataDirUnusable', { path: from, detail }, { cause });
  }
}

async function copyAll(from: string, to: string): Promise<string[]> {
  const entries = await readdir(from, { withFileTypes: true });
  const databases = entries.map(({ name }) => name).filter((name) => name.endsWith('.sqlite'));
  if (databases.length === 0) throw new Error('there is no database in it');
  for (const name of databases) await copyDatabase(join(from, name), join(to, name));
  for (const entry of entries) {
    const { name } = entry;
    if (name.endsWith('.sqlite') || passing.test(name)) continue;
    if (entry.isFile() || entry.isDirectory()) {
      await cp(join(from, name), join(to, name), { recursive: true, preserveTimestamps: true });
    }
  }
  return databases;
}

async function copyDatabase(from: string, to: string): Promise<void> {
  {
    using db = new DatabaseSync(from, { readOnly: true, timeout: 5_000 });
    db.prepare('VACUUM INTO ?').run(to);
  }
  // SQLite does not wait for the disk here.
  await using copy = await open(to, 'r+');
  await copy.chmod(0o600);
  await copy.sync();
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function unfit(path: string, detail: string) {
  return sluiceError('InvalidArgument', { name: `the folder ${path}`, detail });
}
