import { listenForStop } from '../process/stop-signal.ts';
import { findAdminToken } from '../publish/admin-token.ts';
import { askAdmin } from '../publish/post-content.ts';

/** Flags of each command that asks the admin API of a cloud. */
export interface AdminFlags {
  cloud: string;
  tokenFile?: string;
  json?: boolean;
}

type Asked = Parameters<typeof askAdmin>[2];

/** Asks the admin API of a cloud, as often as `work` wants to. @throws as `askAdmin`, and what `work` throws */
export async function asAdmin<T>(
  { cloud, tokenFile }: AdminFlags,
  work: (
    ask: (method: Asked['method'], path: string, body?: object) => Promise<unknown>,
  ) => Promise<T>,
): Promise<T> {
  const token = await findAdminToken(cloud, tokenFile);
  using stop = listenForStop();
  return await work((method, path, body) =>
    askAdmin(cloud, token, { method, path, ...(body && { body }) }, stop.signal),
  );
}
