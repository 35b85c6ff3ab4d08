import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inNamespace } from '../network/ip.ts';
import { LabProcess } from '../process/lab-process.ts';

const startMs = 5_000;

/** Starts an nginx with the given `server` and other blocks of its `http` block, and waits until it answers. */
export async function startNginx(options: {
  namespace: string;
  address: string;
  port: number;
  /** For its own files; made. */
  folder: string;
  http: string;
}): Promise<LabProcess> {
  const { namespace, address, port, folder } = options;
  await mkdir(folder, { recursive: true });
  const config = path.join(folder, 'nginx.conf');
  await writeFile(config, nginxConfig(folder, options.http));
  const nginx = await LabProcess.start({
    namespace,
    command: 'nginx',
    args: ['-c', config, '-p', folder],
  });
  try {
    await untilItAnswers(nginx, { namespace, url: `http://${address}:${port}/` });
    return nginx;
  } catch (error) {
    await nginx.kill();
    throw error;
  }
}

function nginxConfig(folder: string, http: string): string {
  return `daemon off; worker_processes 1; user root; pid ${folder}/nginx.pid; error_log stderr error;
    events { worker_connections 4096; }
    http {
      access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      ${http}
    }`;
}

/** Waits until a server answers HTTP at all, with whatever status. */
export async function untilItAnswers(
  server: LabProcess,
  { namespace, url }: { namespace: string; url: string },
): Promise<void> {
  const limit = performance.now() + startMs;
  for (;;) {
    try {
      await inNamespace(namespace, 'curl', '-s', '-o', '/dev/null', '--max-time', '5', url);
      return;
    } catch (error) {
      if (server.hasExited || performance.now() > limit) {
        throw new Error(`${server.name} does not answer at ${url}`, { cause: error });
      }
      await setTimeout(20);
    }
  }
}
