import { isIP } from 'node:net';
import path from 'node:path';
import { sluiceError } from '@sluice/protocol';
import { statIfThere } from '../files/existing-file.ts';
import { readBounded } from '../files/read-bounded.ts';
import { defaultDataDir } from '../paths/data-dir.ts';

const maxTokenBytes = 4096;

/**
 * The admin token of the cloud: from the given file, SLUICE_ADMIN_TOKEN, or the file of the cloud that
 * runs here. The last one goes to loopback addresses only: it is nobody else's business.
 * @throws InvalidArgument when there is none, FileUnreadable
 */
export async function findAdminToken(
  cloudUrl: string,
  tokenFile: string | undefined,
): Promise<string> {
  if (tokenFile !== undefined) return readToken(tokenFile, '--token-file');
  const fromEnv = process.env.SLUICE_ADMIN_TOKEN;
  if (fromEnv) return checked(fromEnv.trim(), 'SLUICE_ADMIN_TOKEN');
  if (isLoopback(new URL(cloudUrl).hostname)) {
    const own = path.join(defaultDataDir('cloud'), 'admin-token');
    if (await statIfThere(own)) return readToken(own, own);
  }
  throw sluiceError('InvalidArgument', {
    name: '--token-file',
    detail: 'the admin token of the cloud is needed (or set SLUICE_ADMIN_TOKEN)',
  });
}

async function readToken(file: string, name: string): Promise<string> {
  const bytes = await readBounded(file, maxTokenBytes);
  return checked(Buffer.from(bytes).toString('utf8').trim(), name);
}

/** What a header can carry. */
function checked(token: string, name: string): string {
  if (!/^[\x21-\x7e]{1,4096}$/.test(token)) {
    throw sluiceError('InvalidArgument', { name, detail: 'no token in it' });
  }
  return token;
}

function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}
