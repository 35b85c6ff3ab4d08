import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { askAdmin } from '../publish/post-content.ts';
import { openInBrowser } from '../terminal/open-in-browser.ts';

/** Who looks at a demonstration. */
const user = 'demo';

/**
 * Makes a cache node known to the cloud of a demonstration.
 * @returns the flags with which it registers itself. @throws as `askAdmin`
 */
export async function registerDemoNode(
  cloudUrl: string,
  { folder, adminToken, signal }: { folder: string; adminToken: string; signal: AbortSignal },
): Promise<string[]> {
  const node = { Name: 'demo', Cidrs: ['127.0.0.0/8'] };
  const asked = { method: 'POST', path: '/admin/cache-nodes', body: node } as const;
  const made = await askAdmin(cloudUrl, adminToken, asked, signal);
  const file = path.join(folder, 'registration-key');
  const { RegistrationKey } = made as { RegistrationKey: string };
  await writeFile(file, RegistrationKey, { mode: 0o600 });
  return ['--cloud', cloudUrl, '--registration-key-file', file];
}

/**
 * Opens the console of a demonstration in the browser, signed in, where the content is seen live; where there is none, says at which
 * address it is. The login of that address works once: the console takes another password when it has used it.
 * @throws as `askAdmin`
 */
export async function openDemoConsole(
  { cloudUrl, contentId: content }: { cloudUrl: string; contentId: string },
  { folder, log, signal }: { folder: string; log: (line: string) => void; signal: AbortSignal },
): Promise<void> {
  const token = (await readFile(path.join(folder, 'cloud', 'admin-token'), 'utf8')).trim();
  const password = randomBytes(24).toString('base64url');
  const body = { Name: user, Role: 'owner', Password: password };
  await askAdmin(cloudUrl, token, { method: 'POST', path: '/admin/users', body }, signal);
  const page = `${cloudUrl}/console/`;
  // Behind the `#` it is not sent, nor in any log.
  const link = `${page}#/sign-in?${new URLSearchParams({ name: user, password, content })}`;
  if (await openInBrowser(link)) log(`console     ${page} (opened in the browser)`);
  else log(`console     open this in a browser; it signs in once:\n            ${link}`);
}
