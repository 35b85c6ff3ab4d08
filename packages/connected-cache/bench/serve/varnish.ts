import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  answering,
  type CacheServer,
  ended,
  freePort,
  type Setting,
  startForeign,
} from './server.ts';

/** Varnish with the object in memory. */
export async function startVarnish(setting: Setting): Promise<CacheServer | undefined> {
  const folder = join(setting.folder, 'varnish');
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o777);
  const [host, originPort] = setting.origin.split(':');
  const vcl = join(folder, 'default.vcl');
  await writeFile(
    vcl,
    `vcl 4.1;
backend default { .host = "${host}"; .port = "${originPort}"; }
sub vcl_backend_response { set beresp.ttl = 1d; }
`,
  );
  const port = await freePort();
  const storage = `malloc,${Math.ceil((2 * setting.length) / 2 ** 20)}M`;
  const address = `127.0.0.1:${port}`;
  const args = ['-F', '-n', join(folder, 'work'), '-a', address, '-f', vcl, '-s', storage];
  const child = await startForeign('/usr/sbin/varnishd', args, join(folder, 'log'));
  if (!child) return undefined;
  const url = `http://${address}/object`;
  await answering(url, child);
  const stop = () => ended(child, 'SIGTERM');
  return { name: 'varnish', url, pid: child.pid!, folder: undefined, stop };
}
