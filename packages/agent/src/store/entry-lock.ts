import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootId, sameBoot } from './boot-id.ts';
import { errnoOf } from './disk-error.ts';
import { writeAtomically } from './write-atomically.ts';

/*
 * A lock without help of the kernel, since Node has none, that is safe to take over from a process
 * that died. The folder holds files named 1, 2, 3, …, each with its owner. Who made the highest one
 * holds the lock until its owner is dead or says 'free'. To take it, make the next higher one:
 * creation is exclusive, so one wins. The highest file is never deleted, only overtaken, so a slow
 * contender that saw an old state cannot win: its file is then not the highest.
 */

export interface EntryLock {
  release(): Promise<void>;
}

interface Owner {
  pid: number;
  /** When the process started, in a unit of the system; tells it from a later one of the same pid. */
  started: string;
  /** Hex. */
  boot: string;
}

/**
 * Takes the lock in `folder`, which is made when absent (its parent is not).
 * @returns the lock, or a text that names who holds it.
 * @throws what the file operations throw; ENOENT when the parent is gone.
 */
export async function acquireLock(folder: string): Promise<EntryLock | string> {
  await mkdir(folder).catch((error) => {
    if (errnoOf(error) !== 'EEXIST') throw error;
  });
  const me = await self();
  for (;;) {
    const highest = Math.max(0, ...(await generations(folder)));
    const holder = await holderOf(folder, highest, me);
    if (holder !== undefined) return holder;
    const mine = highest + 1;
    if (!(await createOwned(folder, mine, JSON.stringify(me)))) continue;
    const now = await generations(folder);
    if (Math.max(...now) !== mine) {
      await rm(join(folder, `${mine}`), { force: true });
      continue;
    }
    await Promise.all(
      now.filter((n) => n < mine).map((n) => rm(join(folder, `${n}`), { force: true })),
    );
    return { release: () => release(join(folder, `${mine}`)) };
  }
}

/**
 * Looks who holds the lock, and changes nothing: for who may not make files there. By the time it is
 * known another may have it.
 * @returns a text that names the holder; undefined when there is none, or no folder.
 * @throws what the file operations throw.
 */
export async function lockOwner(folder: string): Promise<string | undefined> {
  const found = await generations(folder).catch((error) => {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return [];
  });
  return holderOf(folder, Math.max(0, ...found), await self());
}

/** @param n the highest number there is, 0 = none. */
async function holderOf(folder: string, n: number, me: Owner): Promise<string | undefined> {
  const owner = n === 0 ? undefined : await readOwner(join(folder, `${n}`));
  return owner && (await alive(owner, me)) ? `process ${owner.pid}` : undefined;
}

async function release(path: string): Promise<void> {
  try {
    await writeAtomically(path, 'free');
  } catch (error) {
    // Somebody deleted the folder: nobody can be kept out of it any more.
    if (errnoOf(error) === 'ENOENT') return;
    // A full disk has no room for a new file; one without text names no owner either.
    await truncate(path, 0);
  }
}

/** The numbers that name files; leftovers of killed contenders are not numbers. */
async function generations(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names.filter((name) => /^[1-9]\d{0,14}$/.test(name)).map(Number);
}

/** Makes the file with its text at once, so that nobody sees it empty. @returns false when it exists. */
async function createOwned(folder: string, n: number, text: string): Promise<boolean> {
  const temporary = join(folder, `new-${randomBytes(6).toString('hex')}`);
  const path = join(folder, `${n}`);
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: 0o600 });
    await link(temporary, path).catch((error) => {
      if (errnoOf(error) === 'EEXIST') throw error;
      // A file system without hard links (FAT): exclusive, though not at once with its text.
      return writeFile(path, text, { flag: 'wx', mode: 0o600 });
    });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Undefined when the lock is free: released, overtaken and gone, or with no owner to be read. */
async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, started, boot } = value as Record<string, unknown>;
    if (
      !(Number.isInteger(pid) && Number(pid) > 0) ||
      typeof started !== 'string' ||
      typeof boot !== 'string'
    ) {
      return undefined;
    }
    return { pid: pid as number, started, boot };
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function self(): Promise<Owner> {
  const boot = (await bootId()).toString('hex');
  return { pid: process.pid, started: (await startOf(process.pid)) ?? '', boot };
}

async function alive(owner: Owner, me: Owner): Promise<boolean> {
  if (!sameBoot(Buffer.from(owner.boot, 'hex'), Buffer.from(me.boot, 'hex'))) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if (errnoOf(error) === 'ESRCH') return false;
  }
  const started = await startOf(owner.pid);
  return started === undefined || started === owner.started;
}

/** What tells a process from later ones of its pid; '' for one that is dead; undefined = unknown. */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    return pid === process.pid ? `${Math.round(performance.timeOrigin)}` : undefined;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  if (stat === undefined) return undefined;
  // Fields after the command, which may hold anything but is last to have a ')': state, …, start time.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? '' : fields[19];
}
