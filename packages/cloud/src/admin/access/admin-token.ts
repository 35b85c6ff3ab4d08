import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { sluiceError } from '@sluice/protocol';

/** What an Authorization header can carry, long enough not to be guessed. */
const usable = /^[\x21-\x7e]{16,4096}$/;

/**
 * The admin token: from `file`, or made at the first start and kept there for its owner alone.
 * @throws DataDirUnusable when the file cannot be read or written, or holds no token
 */
export async function loadAdminToken(file: string): Promise<string> {
  try {
    return (await readToken(file)) ?? (await makeToken(file));
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw sluiceError('DataDirUnusable', { path: file, detail }, { cause });
  }
}

/** @throws InvalidArgument when `token` is too weak or cannot stand in a header */
export function checkAdminToken(token: string): string {
  if (!usable.test(token)) {
    const detail = 'must be 16 to 4096 printable characters without spaces';
    throw sluiceError('InvalidArgument', { name: 'adminToken', detail });
  }
  return token;
}

/** Makes the check of `Authorization` headers. It takes the same time wherever they differ. */
export function adminTokenCheck(token: string): (authorization: string | undefined) => boolean {
  const expected = digest(token);
  return (authorization) => {
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    return given !== undefined && timingSafeEqual(digest(given), expected);
  };
}

async function readToken(file: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const token = checkAdminToken(text.trim());
  // What is as it should be is left alone: the file of a secret may be on a disk that nobody can write.
  if (((await stat(file)).mode & 0o077) !== 0) await chmod(file, 0o600);
  return token;
}

async function makeToken(file: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, `${token}\n`, { mode: 0o600 });
  await rename(temporary, file);
  return token;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
