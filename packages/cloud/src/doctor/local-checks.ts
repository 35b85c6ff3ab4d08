import { access, constants, readFile, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { checkAdminToken } from '../admin/access/admin-token.ts';
import { fail, ok, type Verdict, warn } from './finding.ts';

const MiB = 1024 ** 2;
/** Free bytes below which the disk is soon full, and is as good as full. */
const scarce = 1024 * MiB;
const spent = 64 * MiB;

export async function dataDirectory(path: string): Promise<Verdict> {
  const found = await statOf(path);
  if (!found) {
    const parent = await nearest(path);
    await access(parent, constants.W_OK | constants.X_OK);
    return ok(`${path} is made at the first start`);
  }
  if (!found.isDirectory()) return fail(`${path} is no directory`, 'Name another one.');
  await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  if ((found.mode & 0o077) !== 0 && process.platform !== 'win32') {
    const detail = `others may look into ${path} (mode ${octal(found.mode)})`;
    return warn(detail, `chmod 700 ${path}`);
  }
  return ok(path);
}

export async function diskSpace(path: string): Promise<Verdict> {
  const { bavail, bsize } = await statfs(await nearest(path));
  const free = bavail * bsize;
  const detail = `${Math.floor(free / MiB)} MiB free`;
  const remedy = 'Free some space, or choose another --data-dir.';
  if (free < spent) return fail(detail, remedy);
  return free < scarce ? warn(detail, remedy) : ok(detail);
}

export async function adminToken(file: string): Promise<Verdict> {
  const found = await statOf(file);
  if (!found) return ok(`${file} is made at the first start`);
  checkAdminToken((await readFile(file, 'utf8')).trim());
  if ((found.mode & 0o077) !== 0 && process.platform !== 'win32') {
    return fail(`others may read ${file} (mode ${octal(found.mode)})`, `chmod 600 ${file}`);
  }
  return ok(file);
}

/** The path itself, or the nearest folder above it that is there. */
async function nearest(path: string): Promise<string> {
  if ((await statOf(path)) || dirname(path) === path) return path;
  return nearest(dirname(path));
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8);
}
