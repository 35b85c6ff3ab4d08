import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  answering,
  type CacheServer,
  ended,
  freePort,
  type Setting,
  startForeign,
} from './server.ts';

/** nginx as LanCache has it: proxy_cache in slices of 1 MiB, with sendfile; one worker per core. */
export async function startNginx(setting: Setting): Promise<CacheServer | undefined> {
  const folder = join(setting.folder, 'nginx');
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  await writeFile(config, configuration(folder, setting, port));
  const args = ['-c', config, '-e', join(folder, 'error.log')];
  const child = await startForeign('/usr/sbin/nginx', args, join(folder, 'log'));
  if (!child) return undefined;
  const url = `http://127.0.0.1:${port}/object`;
  await answering(url, child);
  const cache = join(folder, 'cache');
  const stop = () => ended(child, 'SIGTERM');
  return { name: 'nginx', url, pid: child.pid!, folder: cache, stop };
}

function configuration(folder: string, { origin, length }: Setting, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n');
  return `daemon off;
worker_processes auto;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  ${temporary}
  proxy_cache_path ${folder}/cache levels=1:2 keys_zone=c:20m max_size=${4 * length} use_temp_path=off;
  server {
    listen 127.0.0.1:${port};
    location / {
      slice 1m;
      proxy_cache c;
      proxy_cache_key $uri$slice_range;
      proxy_set_header Range $slice_range;
      proxy_http_version 1.1;
      proxy_cache_valid 200 206 1d;
      proxy_pass http://${origin};
    }
  }
}
`;
}
