import { join } from 'node:path';
import { readJsonObject } from './read-bounded.ts';

const delays = ['DODelayCacheServerFallbackBackground', 'DODelayCacheServerFallbackForeground'];
/** The longest delay there is, s. */
const longest = 2_592_000;

/**
 * The settings in Microsoft's `admin-config.json` (do-client-contract.md §7): three have DO names, all
 * else is that agent's own. -1 stands for "never fall back".
 */
export async function readAdminConfig(
  folder: string,
): Promise<{ path: string; values: Record<string, unknown> }> {
  const path = join(folder, 'admin-config.json');
  const json = (await readJsonObject(path)) ?? {};
  const values: Record<string, unknown> = { DOCacheHost: json.DOCacheHost };
  for (const name of delays) values[name] = Number(json[name]) === -1 ? longest : json[name];
  return { path, values };
}

/** The cache host in `sdk-config.json`: GatewayHostName of the connection string. It comes after DOCacheHost. */
export async function readSdkConfig(
  folder: string,
): Promise<{ path: string; values: Record<string, unknown> }> {
  const path = join(folder, 'sdk-config.json');
  const text = (await readJsonObject(path))?.ADUC_IoTConnectionString;
  const [, host] = typeof text === 'string' ? (/GatewayHostName=([^;]*)/i.exec(text) ?? []) : [];
  return { path, values: { DOCacheHost: host || undefined } };
}
