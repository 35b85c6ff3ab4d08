import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { freePort } from '@sluice/cloud/testing';

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

/** Why tests with a load balancer are skipped here; false when they run. */
export const noNginx: string | false = spawnSync('nginx', ['-v'], { env }).error
  ? 'no nginx here'
  : false;

/** nginx before these clouds, as `docs/cloud.md` says. @param folder for its files */
export async function startBalancer(folder: string, clouds: string[]) {
  const port = await freePort();
  const servers = clouds.map((url) => `server ${new URL(url).host} max_fails=1 fail_timeout=10s;`);
  const config = `${folder}/nginx.conf`;
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  await writeFile(
    config,
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
    http { access_log off; ${paths}
      upstream clouds { ${servers.join(' ')} }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://clouds; proxy_next_upstream error timeout non_idempotent;
          proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
        }
      }
    }`,
  );
  const nginx = spawn('nginx', ['-c', config, '-p', folder, '-e', `${folder}/error.log`], { env });
  const exited = once(nginx, 'exit');
  const url = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(`${url}/health`).then(
      (reply) => reply.ok,
      () => false,
    ))
  ) {
    assert.equal(nginx.exitCode, null, 'nginx runs');
  }
  return {
    url,
    async stop() {
      nginx.kill();
      await exited;
    },
  };
}
