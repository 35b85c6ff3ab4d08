import { sluiceError } from '@sluice/protocol';
import { listenForStop } from '../process/stop-signal.ts';
import { findAdminToken } from '../publish/admin-token.ts';
import { askAdmin } from '../publish/post-content.ts';

/** Flags of each command that asks the admin API of a cloud. */
export interface CloudFlags {
  cloud: string;
  tokenFile?: string;
  json?: boolean;
}

type Ask = (
  method: Parameters<typeof askAdmin>[2]['method'],
  path: string,
  body?: object,
) => Promise<unknown>;

/** Asks the cloud as its admin, as often as `work` wants to. @throws as `findAdminToken`, `askAdmin` and `work` */
export async function withAdmin<T>(
  { cloud, tokenFile }: CloudFlags,
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  const token = await findAdminToken(cloud, tokenFile);
  using stop = listenForStop();
  return await work((method, path, body) =>
    askAdmin(cloud, token, { method, path, ...(body && { body }) }, stop.signal),
  );
}

/** Asks it once. @throws as `withAdmin` */
export function asAdmin(flags: CloudFlags, ...question: Parameters<Ask>): Promise<unknown> {
  return withAdmin(flags, (ask) => ask(...question));
}

/** All pages of a list: `{ <plural>: […], Next }`. */
export async function allPages<T>(flags: CloudFlags, path: string, plural: string): Promise<T[]> {
  const all: T[] = [];
  for (let after = ''; ; ) {
    const query = after === '' ? '' : `?after=${encodeURIComponent(after)}`;
    const reply = (await asAdmin(flags, 'GET', `${path}${query}`)) as
      | Record<string, unknown>
      | undefined;
    const found = reply?.[plural];
    if (!Array.isArray(found)) {
      const detail = `no ${plural} in it`;
      throw sluiceError('ServiceInvalidReply', { service: 'the cloud', detail });
    }
    all.push(...found);
    if (typeof reply?.Next !== 'string') return all;
    after = reply.Next;
  }
}

/** What somebody may have chosen, fit for a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '\ufffd');
}
