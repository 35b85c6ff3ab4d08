import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  answering,
  type CacheServer,
  ended,
  freePort,
  type Setting,
  startForeign,
} from './server.ts';

/** Debian's files that Traffic Server does not start without. */
const copied = ['ip_allow.yaml', 'plugin.config', 'logging.yaml', 'ssl_multicert.config'];

/** Apache Traffic Server with the whole object in its memory cache. */
export async function startTrafficServer(setting: Setting): Promise<CacheServer | undefined> {
  const folder = join(setting.folder, 'ats');
  const etc = join(folder, 'etc');
  for (const name of ['etc', 'cache', 'run', 'log']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  const port = await freePort();
  await writeFile(join(etc, 'records.config'), records(folder, setting.length, port));
  await writeFile(join(etc, 'remap.config'), `map / http://${setting.origin}/\n`);
  await writeFile(join(etc, 'storage.config'), `${folder}/cache ${3 * setting.length}\n`);
  const runroot = join(folder, 'runroot.yaml');
  await writeFile(runroot, runrootOf(folder));
  try {
    for (const name of copied) await copyFile(join('/etc/trafficserver', name), join(etc, name));
  } catch {
    return undefined;
  }
  const args = [`--run-root=${runroot}`];
  const child = await startForeign('/usr/bin/traffic_server', args, join(folder, 'log', 'out'));
  if (!child) return undefined;
  const url = `http://127.0.0.1:${port}/object`;
  await answering(url, child);
  const stop = () => ended(child, 'SIGTERM');
  return { name: 'ats', url, pid: child.pid!, folder: undefined, stop };
}

function records(folder: string, length: number, port: number): string {
  const settings: [string, 'INT' | 'STRING', string | number][] = [
    ['http.server_ports', 'STRING', port],
    ['cache.max_doc_size', 'INT', 0],
    ['http.cache.required_headers', 'INT', 0],
    ['cache.ram_cache.size', 'INT', 2 * length],
    ['cache.ram_cache_cutoff', 'INT', 64 * 2 ** 20],
    // As whoever starts it.
    ['admin.user_id', 'STRING', '#-1'],
    ['url_remap.remap_required', 'INT', 1],
    ['log.logging_enabled', 'INT', 0],
    ['config_dir', 'STRING', `${folder}/etc`],
    ['local_state_dir', 'STRING', `${folder}/run`],
    ['log.logfile_dir', 'STRING', `${folder}/log`],
  ];
  return settings
    .map(([name, type, value]) => `CONFIG proxy.config.${name} ${type} ${value}\n`)
    .join('');
}

function runrootOf(folder: string): string {
  return `prefix: ${folder}
exec_prefix: ${folder}
bindir: /usr/bin
sbindir: /usr/sbin
sysconfdir: ${folder}/etc
datadir: ${folder}/cache
includedir: /usr/include
libdir: /usr/lib
libexecdir: /usr/lib/trafficserver/modules
localstatedir: ${folder}/run
runtimedir: ${folder}/run
logdir: ${folder}/log
cachedir: ${folder}/cache
`;
}
