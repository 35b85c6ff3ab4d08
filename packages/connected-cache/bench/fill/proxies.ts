import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A cache in front of the source, with a cold cache in a folder of its own. */
export interface CacheProxy {
  name: string;
  /** Of the object through it. */
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** nginx with the slice module, as LanCache sets it up. Undefined when it is not installed. */
export async function startSliceNginx(
  folder: string,
  origin: string,
): Promise<CacheProxy | undefined> {
  const binary = await found('/usr/sbin/nginx');
  if (!binary) return undefined;
  const port = await freePort();
  const config = `daemon off;
worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `${n}_temp_path ${folder}/${n};`).join('\n  ')}
  proxy_cache_path ${folder}/cache levels=1:2 keys_zone=c:16m max_size=8g use_temp_path=off;
  upstream source { server ${origin}; keepalive 16; }
  server {
    listen 127.0.0.1:${port};
    location / {
      slice 1m;
      proxy_pass http://source;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Range $slice_range;
      proxy_cache c;
      proxy_cache_key $uri$slice_range;
      proxy_cache_valid 200 206 1h;
      proxy_cache_lock on;
      proxy_cache_lock_timeout 1h;
      proxy_cache_lock_age 1h;
    }
  }
}
`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'nginx.conf'), config);
  const child = spawn(binary, ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    stdio: 'inherit',
  });
  return proxy('nginx slice', port, child);
}

/** squid as a reverse proxy with a disk cache. Undefined when it is not installed. */
export async function startSquid(folder: string, origin: string): Promise<CacheProxy | undefined> {
  const binary = await found('/usr/sbin/squid');
  if (!binary) return undefined;
  const port = await freePort();
  const [host, sourcePort] = origin.split(':');
  await mkdir(join(folder, 'cache'), { recursive: true });
  // Started by root it becomes a user of its own, who must get there.
  await chmod(dirname(folder), 0o711);
  for (const path of [folder, join(folder, 'cache')]) await chmod(path, 0o777);
  const config = `http_port 127.0.0.1:${port} accel defaultsite=${origin} no-vhost
cache_peer ${host} parent ${sourcePort} 0 no-query originserver name=source
cache_peer_access source allow all
http_access allow all
cache_dir ufs ${folder}/cache 8000 16 16
maximum_object_size 8 GB
collapsed_forwarding on
range_offset_limit none
pid_filename ${folder}/squid.pid
access_log none
cache_log ${folder}/cache.log
cache_store_log none
shutdown_lifetime 0 seconds
visible_hostname bench
pinger_enable off
netdb_filename none
`;
  const path = join(folder, 'squid.conf');
  await writeFile(path, config);
  // Its shared memory is named after the service: another squid here must not be in the way.
  const args = ['-n', `bench${port}`, '-N', '-f', path];
  const init = spawn(binary, [...args, '-z'], { stdio: 'ignore' });
  await once(init, 'exit');
  const child = spawn(binary, args, { stdio: 'ignore' });
  return proxy('squid', port, child);
}

async function proxy(name: string, port: number, child: ChildProcess): Promise<CacheProxy> {
  const stop = async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  const url = `http://127.0.0.1:${port}/object`;
  await answering(url);
  return { name, url, pid: child.pid!, stop };
}

function found(path: string): Promise<string | undefined> {
  return access(path).then(
    () => path,
    () => undefined,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** A connection, no request: the cache must stay cold. */
async function answering(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (up) return;
    await wait(50);
  }
  throw new Error(`${url} does not answer`);
}
